"""Exports: nothing runs, nothing is lost to a spreadsheet's guesses, memory stays flat, and it is written down."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from accounts.models import AuditEntry
from datahub.exports import cells, rows, sheets
from datahub.exports.sheets import Column, Table
from datahub.models import Record
from tests import factories
from tests.accounts.browser import as_, text


@pytest.fixture
def browser(owner):
    return as_(owner)


def csv_of(answer):
    return list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def sheet_of(answer):
    sheet = load_workbook(io.BytesIO(b"".join(answer))).active
    assert sheet is not None
    return sheet


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+84", "'+84"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        ("-1,5", "-1,5"),
        ("Hoa = Lan", "Hoa = Lan"),
    ],
)
def test_no_cell_is_a_formula(typed, written):
    assert cells.escaped(typed) == written


@pytest.mark.parametrize(
    ("value", "kind", "in_csv", "in_excel"),
    [
        ("84912345678", "phone", "0912 345 678", "0912345678"),
        ("", "phone", "", ""),
        ("2026-11-21", "date", "21/11/2026", date(2026, 11, 21)),
        ("1500000.5", "number", "1500000,5", 1500000.5),
        (None, "text", "", ""),
        (datetime(2026, 11, 21, 2, tzinfo=UTC), "moment", "21/11/2026 09:00", datetime(2026, 11, 21, 9)),  # noqa: DTZ001  # Excel knows no zones
    ],
)
def test_a_value_is_read_as_it_was_meant(value, kind, in_csv, in_excel):
    assert cells.as_csv_text(value, kind) == in_csv
    assert cells.as_excel(value, kind) == in_excel


def test_records_as_csv(browser, source):
    factories.make_record(source, Họ_và_tên='=cmd("x")')
    answer = browser.post(f"/hub/tables/{source.dataset_id}/export/", {"form": "csv"})
    assert answer.streaming
    assert "csv" in answer["Content-Type"]
    header, line = csv_of(answer)
    told = dict(zip(header, line, strict=True))
    assert (told["Họ và tên"], told["Số điện thoại"], told["Ngày khám"]) == (
        '\'=cmd("x")',
        "0912 345 678",
        "21/11/2026",
    )


def test_records_as_excel(browser, source):
    factories.make_record(source, Họ_và_tên='=cmd("x")')
    sheet = sheet_of(browser.post(f"/hub/tables/{source.dataset_id}/export/", {"form": "xlsx"}))
    told = dict(zip([cell.value for cell in sheet[1]], sheet[2], strict=True))
    assert (told["Họ và tên"].value, told["Họ và tên"].data_type) == ('=cmd("x")', "s")
    assert told["Số điện thoại"].value == "0912345678"
    assert (told["Ngày khám"].value, told["Ngày khám"].number_format) == (datetime(2026, 11, 21), "dd/mm/yyyy")  # noqa: DTZ001


def test_what_leaves_is_what_the_page_shows(browser, source):
    factories.make_record(source)
    factories.make_record(source, Mã_khách_hàng="KH002", Họ_và_tên="Trần Bình", Số_điện_thoại="0987654321")
    answer = browser.post(f"/hub/tables/{source.dataset_id}/export/?q=tran", {"form": "csv"})
    assert [line[0] for line in csv_of(answer)[1:]] == ["KH002"]


def test_it_is_written_down_without_the_words_that_were_looked_for(browser, source, owner):
    factories.make_record(source)
    browser.post(f"/hub/tables/{source.dataset_id}/export/?q=0912345678&status=&page=2", {"form": "csv"})
    entry = AuditEntry.objects.get(action="export")
    assert (entry.actor, entry.subject) == (owner, f"dataset {source.dataset_id}")
    assert entry.facts == {"rows": 1, "form": "csv", "narrowed_by": ["q"]}


def test_customers(browser, source):
    factories.make_record(source)
    assert csv_of(browser.post("/hub/customers/export/", {"form": "csv"}))[1][:3] == [
        "KH001",
        "Nguyễn Thị Hoa",
        "0912 345 678",
    ]


@pytest.mark.parametrize("who", ["colleague", "viewer"])
def test_who_may_not_see_contacts_takes_nothing_out(request, who, source):
    factories.make_record(source)
    browser = as_(request.getfixturevalue(who))
    for address in (f"/hub/tables/{source.dataset_id}/export/", "/hub/customers/export/", "/messages/export/"):
        assert browser.post(address).status_code == 403
    assert "Xuất ra tệp" not in text(browser.get(f"/hub/tables/{source.dataset_id}/"))


def test_another_clinics_table_does_not_exist(stranger, source):
    assert as_(stranger).post(f"/hub/tables/{source.dataset_id}/export/").status_code == 404
    factories.make_record(source)
    assert len(csv_of(as_(stranger).post("/hub/customers/export/"))) == 1


def test_excel_says_when_it_cannot_hold_it(browser, source, monkeypatch):
    monkeypatch.setattr("datahub.exports.answers.MAX_EXCEL_ROWS", 0)
    factories.make_record(source)
    page = browser.post(f"/hub/tables/{source.dataset_id}/export/", {"form": "xlsx"}, follow=True)
    assert "tối đa 100.000 dòng" in text(page)
    assert not AuditEntry.objects.filter(action="export").exists()


def test_an_export_is_brought_in_again_unchanged(browser, source, dataset, owner):
    from tests.datahub.imports.story import counts, imported

    factories.make_record(source)
    sent = b"".join(browser.post(f"/hub/tables/{dataset.pk}/export/", {"form": "csv"}))
    assert counts(imported(dataset, owner, sent)) == {"elsewhere": 1}


def test_a_stretch_is_one_query(source, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(rows, "STRETCH", 2)
    for number in range(5):
        factories.make_record(source, Mã_khách_hàng=f"KH{number}")
    table = rows.records_table(source.dataset, Record.objects.filter(dataset=source.dataset))
    with django_assert_num_queries(4):
        assert len(list(table.rows)) == 5


def many(count):
    return ([f"KH{number}", f"Nguyễn Văn {number}", "84912345678", "2026-11-21"] for number in range(count))


COLUMNS = [Column("Mã"), Column("Tên"), Column("Số", "phone"), Column("Ngày", "date")]


def peak(write, count):
    """The most memory that writing so many rows takes, in bytes."""
    tracemalloc.start()
    for _ in write(Table(COLUMNS, many(count))):
        pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_csv_of_200_000_rows_takes_no_more_memory_than_of_2_000():
    assert peak(sheets.csv_pieces, 200_000) < 2 * peak(sheets.csv_pieces, 2_000)


def test_excel_of_ten_times_the_rows_takes_no_more_memory():
    assert peak(sheets.xlsx_pieces, 10_000) < 2 * peak(sheets.xlsx_pieces, 1_000)


@pytest.mark.parametrize(
    ("value", "kind", "in_csv", "in_excel"),
    [
        ("ba triệu", "number", "ba triệu", "ba triệu"),
        ("1.5.2026", "number", "1.5.2026", "1.5.2026"),
        ("12345678901234567", "number", "12345678901234567", "12345678901234567"),
        ("2026-02-30", "date", "2026-02-30", "2026-02-30"),
        ("Nguyễn Văn Nam", "phone", "Nguyễn Văn Nam", "Nguyễn Văn Nam"),
    ],
)
def test_a_value_of_before_its_column_changed_leaves_as_it_is(value, kind, in_csv, in_excel):
    assert (cells.as_csv_text(value, kind), cells.as_excel(value, kind)) == (in_csv, in_excel)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_whose_column_changed_its_type_goes_out_whole(browser, source, dataset, form):
    field = factories.make_field(dataset, "Giá")
    factories.make_record(source, Giá="ba triệu")
    factories.make_record(source, row_id="b", Giá="3000")
    dataset.fields.filter(pk=field.pk).update(type="number")
    answer = browser.post(f"/hub/tables/{dataset.pk}/export/", {"form": form})
    rows = csv_of(answer) if form == "csv" else [[cell.value for cell in row] for row in sheet_of(answer).rows]
    assert [row[-1] for row in rows] == ["Giá", "ba triệu", "3000" if form == "csv" else 3000]
