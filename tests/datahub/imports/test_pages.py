"""Nhập tệp in a browser: upload, preview, mapping, trial, progress, orders, the rows to mend."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from datahub.models import FileImport, Record
from tests.accounts.browser import HTMX, as_, form, text
from tests.datahub.files.making import HEADER, workbook
from tests.datahub.imports.story import a_file, counts, imported, row, run

PAGE = "/hub/imports/"


@pytest.fixture
def browser(owner, dataset):
    return as_(owner)


def send(browser, dataset, data, name="khach.csv"):
    return browser.post(PAGE, {"dataset": dataset.pk, "file": SimpleUploadedFile(name, data)})


def choose(browser, page, **changes):
    """Send the mapping form of a page as it stands but for `changes`."""
    action = f"{page}choose/"
    sent = form(browser.get(page), action=action, **{"class": "card flush"})
    return browser.post(action, {**sent, **changes})


def test_from_upload_to_the_last_row(browser, dataset):
    page = send(browser, dataset, a_file(row(1), row(2, phone="1"))).url
    seen = text(browser.get(page))
    assert "Ghép cột" in seen
    assert "UTF-8" in seen
    tried = text(choose(browser, page, do="check"))
    assert "Kết quả kiểm tra 2 dòng đầu" in tried
    assert "thiếu chữ số" in tried
    assert not Record.objects.exists()
    assert choose(browser, page, do="start").url == page
    found = run(FileImport.objects.get())
    assert (found.state, counts(found)) == ("done", {"created": 1, "wrong": 1})
    assert "Đã nhập xong" in text(browser.get(page))


def test_a_file_that_cannot_be_read_says_why_and_is_not_kept(browser, dataset):
    assert "Đây là tệp PDF" in text(send(browser, dataset, b"%PDF-1.4"))
    assert "Tệp trống" in text(send(browser, dataset, b""))
    assert not FileImport.objects.exists()


def test_the_same_file_again_is_said(browser, dataset, owner):
    imported(dataset, owner, a_file(row(1)))
    page = send(browser, dataset, a_file(row(1))).url
    assert "Chính tệp này đã được nhập lúc" in text(browser.get(page))


def test_a_required_column_that_is_not_mapped_keeps_it_from_beginning(browser, dataset):
    page = send(browser, dataset, a_file(row(1))).url
    refused = text(choose(browser, page, do="start", field_2=""))
    assert "Chưa ghép cột bắt buộc: Số điện thoại." in refused
    assert FileImport.objects.get().state == "uploaded"


def test_two_columns_into_one_field_are_refused(browser, dataset):
    page = send(browser, dataset, a_file(row(1))).url
    assert "Có hai cột cùng ghép vào “Dịch vụ”" in text(choose(browser, page, do="start", field_1="service"))


def test_another_separator_and_another_sheet_can_be_chosen(browser, dataset):
    page = send(browser, dataset, workbook((("ghi chú",), ("x",)), (("Danh sách",), HEADER, row(1))), "a.xlsx").url
    browser.post(f"{page}choose/", {"do": "reread", "sheet": "Trang 2", "header": "1"})
    found = FileImport.objects.get()
    assert (found.reading["sheet"], found.reading["header"]) == ("Trang 2", 2)
    assert found.mapping["fields"][:3] == ["customer_id", "customer_name", "phone"]


def test_what_is_no_table_when_read_otherwise_changes_nothing(browser, dataset):
    page = send(browser, dataset, a_file(row(1))).url
    for header in ("29", "2"):
        browser.post(f"{page}choose/", {"do": "reread", "separator": ",", "header": header})
    assert FileImport.objects.get().reading["header"] == 1
    seen = text(browser.get(page))
    assert "Dòng tiêu đề đang chọn không có chữ nào" in seen
    assert "chưa có dòng dữ liệu nào" in seen


def test_progress_is_asked_for_until_it_ends(browser, dataset, owner):
    found = imported(dataset, owner, a_file(row(1)))
    page = f"{PAGE}{found.pk}/"
    assert "hx-trigger" not in browser.get(page, **HTMX).content.decode()
    FileImport.objects.update(state="running", total=1_000, cursor=250, rate=5)
    fragment = browser.get(page, **HTMX)
    assert "every 2s" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "25% · 250 / 1.000 dòng · 5 dòng/giây · còn khoảng 3 phút" in text(fragment)


def test_refused_rows_are_mended_and_brought_in_alone(browser, dataset, owner):
    found = imported(dataset, owner, a_file(row(1), row(2, phone="0900"), row(3, name="=1+1", phone="x")))
    sent = b"".join(browser.post(f"{PAGE}{found.pk}/wrong/")).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(sent)))
    assert lines[0] == ["Dòng", "Lý do", *HEADER]
    assert lines[1][0] == "3"
    assert lines[1][1].startswith("Số điện thoại “0900”")
    assert lines[2][3] == "'=1+1"
    again = imported(dataset, owner, sent.replace(",0900,", ",0900000002,").encode())
    assert counts(again) == {"created": 1, "wrong": 1}


@pytest.mark.parametrize(
    ("before", "what", "after"),
    [
        ("running", "pause", "paused"),
        ("paused", "resume", "running"),
        ("running", "stop", "stopped"),
        ("done", "undo", "undoing"),
        ("uploaded", "stop", "stopped"),
        ("done", "pause", "done"),
        ("undone", "undo", "undone"),
        ("running", "undo", "running"),
    ],
)
def test_orders(browser, dataset, owner, before, what, after):
    found = imported(dataset, owner, a_file(row(1)))
    FileImport.objects.update(state=before)
    assert browser.post(f"{PAGE}{found.pk}/{what}/").status_code == 302
    found.refresh_from_db()
    assert found.state == after
    assert AuditEntry.objects.filter(action=f"import.{what}").exists() == (before != after)


@pytest.mark.parametrize("who", ["colleague", "viewer"])
def test_who_may_not_see_contacts_brings_no_file(request, who, dataset, owner):
    found = imported(dataset, owner, a_file(row(1)))
    browser = as_(request.getfixturevalue(who))
    for address in (PAGE, f"{PAGE}{found.pk}/"):
        assert browser.get(address).status_code == 403
    for address in ("choose/", "wrong/", "pause/", "undo/"):
        assert browser.post(f"{PAGE}{found.pk}/{address}").status_code == 403
    assert "Nhập tệp" not in text(browser.get("/hub/sources/"))


def test_another_clinics_import_does_not_exist(stranger, dataset, owner):
    found = imported(dataset, owner, a_file(row(1)))
    browser = as_(stranger)
    assert browser.get(f"{PAGE}{found.pk}/").status_code == 404
    assert browser.post(f"{PAGE}{found.pk}/undo/").status_code == 404
    assert "khach.csv" not in text(browser.get(PAGE))


def test_a_stranger_cannot_name_our_table(stranger, dataset):
    assert send(as_(stranger), dataset, a_file(row(1))).status_code == 200
    assert not FileImport.objects.exists()
