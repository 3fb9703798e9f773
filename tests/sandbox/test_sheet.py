"""The practice sheet's pages and what keeps its rows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from sandbox.models import PracticeSheet
from sandbox.sheet import sample_rows, services

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
TODAY = date(2026, 11, 21)


@pytest.fixture
def sheet():
    return make_sheet()


def make_sheet(**changes):
    story = {
        "slug": "nha-khoa-sao-mai",
        "name": "Nha khoa Sao Mai",
        "webhook_url": "http://testserver/hooks/sheets/k1",
        "secret": "khóa-bí-mật",
        "columns": sample_rows.COLUMNS,
        "rows": sample_rows.sample_rows(TODAY),
    }
    return services.create_sheet(**{**story, **changes})


def put(client, sheet, body):
    return client.put(reverse("sandbox:sheet_save", args=[sheet.slug]), json.dumps(body), "application/json")


def test_a_second_creation_keeps_the_rows_and_renews_the_connection(sheet):
    services.save_rows(sheet=sheet, revision=0, rows=[["KH900"]])
    again = make_sheet(webhook_url="http://testserver/hooks/sheets/k2", secret="s2", rows=[])
    assert again.pk == sheet.pk
    assert (again.rows, again.revision) == ([["KH900"]], 1)
    assert (again.webhook_url, again.secret) == ("http://testserver/hooks/sheets/k2", "s2")


def test_the_id_column_is_always_there():
    assert make_sheet(columns=["Họ và tên", "Gửi webhook"], rows=[]).columns == ["Họ và tên", "Gửi webhook", "_cdp_id"]


def test_a_save_overtaken_on_the_way_is_turned_away(sheet):
    assert services.save_rows(sheet=sheet, revision=1, rows=[["mới"]])
    assert not services.save_rows(sheet=sheet, revision=0, rows=[["cũ"]])
    assert services.save_rows(sheet=sheet, revision=2, rows=[["mới hơn"]])
    sheet.refresh_from_db()
    assert (sheet.rows, sheet.revision) == ([["mới hơn"]], 3)


@pytest.mark.parametrize("rows", ["x", [["a"] * 14], [[1]], ["KH001"], [[None]], [["x" * 50_001]], [[]] * 5001])
def test_what_is_no_grid_of_texts_is_refused(sheet, rows):
    with pytest.raises(services.BadRows):
        services.save_rows(sheet=sheet, revision=0, rows=rows)


def test_the_page_shows_the_sheet_and_runs_the_real_code(client, sheet):
    page = client.get(reverse("sandbox:sheet_page", args=[sheet.slug])).content.decode()
    assert 'data-webhook-url="http://testserver/hooks/sheets/k1"' in page
    assert 'data-secret="khóa-bí-mật"' in page
    assert '<script src="/sandbox/sheet/Code.gs" defer></script>' in page
    assert "Hộp thư bệnh nhân" in page


def test_a_name_with_markup_stays_text(client):
    sheet = make_sheet(rows=[["</script><script>alert(1)</script>"]])
    page = client.get(reverse("sandbox:sheet_page", args=[sheet.slug])).content.decode()
    assert "<script>alert(1)" not in page


def test_without_a_slug_the_first_sheet_is_shown(client, sheet):
    make_sheet(slug="khac", name="Phòng khám khác")
    assert client.get("/sandbox/sheet/").context["sheet"] == sheet


def test_no_sheet_yet_is_said(client):
    assert "Chưa có trang tính nào" in client.get("/sandbox/sheet/").content.decode()


def test_an_unknown_sheet_is_not_found(client, sheet):
    assert client.get("/sandbox/sheet/khong-co/").status_code == 404
    assert client.put("/sandbox/sheet/khong-co/save", "{}", "application/json").status_code == 404


def test_the_shipped_code_is_served_to_the_letter(client):
    answer = client.get("/sandbox/sheet/Code.gs")
    shipped = Path(settings.BASE_DIR, "integrations/google_sheets/apps_script").glob("*.gs")
    served = answer.content.decode()
    assert len(served) > 20_000
    assert all(path.read_text() in served for path in shipped)
    assert answer["Content-Type"] == "application/javascript; charset=utf-8"


def test_a_save_is_kept_and_numbered(client, sheet):
    answer = put(client, sheet, {"revision": 0, "rows": [["KH001", "Nguyễn Thị Hoa"]]})
    assert (answer.status_code, answer.json()) == (200, {"revision": 1})
    assert PracticeSheet.objects.get(pk=sheet.pk).rows == [["KH001", "Nguyễn Thị Hoa"]]


def test_a_column_that_the_script_added_is_kept(client, sheet):
    columns = [*sheet.columns, "Kết quả gửi tin"]
    row = [""] * len(columns)
    assert put(client, sheet, {"revision": 0, "rows": [row], "columns": columns}).status_code == 200
    sheet.refresh_from_db()
    assert (sheet.columns, sheet.rows) == (columns, [row])


@pytest.mark.parametrize("columns", ["x", [1], ["a"] * 101])
def test_what_is_no_header_is_refused(client, sheet, columns):
    assert put(client, sheet, {"revision": 0, "rows": [], "columns": columns}).status_code == 400


def test_an_older_save_is_a_conflict(client, sheet):
    put(client, sheet, {"revision": 5, "rows": []})
    assert put(client, sheet, {"revision": 3, "rows": [["x"]]}).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"revision": 0},
        {"revision": "x", "rows": []},
        {"revision": None, "rows": []},
        {"revision": 0, "rows": 1},
    ],
)
def test_a_malformed_save_is_refused(client, sheet, body):
    assert put(client, sheet, body).status_code == 400


def test_a_save_needs_the_page_that_made_it(sheet):
    assert put(Client(enforce_csrf_checks=True), sheet, {"revision": 0, "rows": []}).status_code == 403


def test_the_sample_has_right_and_wrong_rows_and_room_to_type():
    rows = sample_rows.sample_rows(TODAY)
    filled = [row for row in rows if any(row)]
    by_column = [dict(zip(sample_rows.COLUMNS, row, strict=True)) for row in filled]
    assert len(filled) == 39
    assert len(rows) - len(filled) == sample_rows.BLANK_ROWS
    assert sum(row["Gửi webhook"] == "Đã gửi" for row in by_column) == 30
    assert sum(row["Trạng thái"] == "Đã hoàn thành" for row in by_column) == 16
    assert {row["Trạng thái gửi Webhook"] for row in by_column} == {""}
    assert by_column[0]["Ngày khám"] == "21/11/2026"
    assert len({row["Mã khách hàng"] for row in by_column}) == len({row["Số điện thoại"] for row in by_column}) == 39
