"""gspread itself, over HTTP, against the sandbox's Google."""

from __future__ import annotations

import json

import pytest
import requests

from integrations import http
from integrations.google_sheets.key_file import credentials_of, read_key
from integrations.google_sheets.sheets_api import Cell, Later, Refused, Spreadsheet, Tab
from sandbox.google import books, tokens
from sandbox.models import GoogleAccount, GoogleTab, GoogleToken, PracticeSheet
from tests.sandbox import google_story
from tests.sandbox.google_story import (
    BOOK,
    DATABASES,
    EMAIL,
    TAB,
    key_text,
    make_account,
    make_book,
    make_sheet,
    script,
)
from tests.wire import InProcess, mount

pytestmark = pytest.mark.django_db(databases=DATABASES)
COLUMNS = ["Mã khách hàng", "Số điện thoại", "Trạng thái gửi Webhook"]
ROWS = [["KH001", "0987654321", ""], ["KH002", "912345678", ""]]


def unpaced(kind: str) -> int:
    """A permit for everybody."""
    return 0


@pytest.fixture
def calls(monkeypatch):
    credentials_of.cache_clear()
    return google_story.wire(monkeypatch)


@pytest.fixture
def account(db):
    return make_account()


@pytest.fixture
def sheet(db):
    return make_sheet(COLUMNS, ROWS)


@pytest.fixture
def book(sheet, account):
    return make_book(sheet)


@pytest.fixture
def remote(calls, account, book):
    return Spreadsheet(key=key_text(account), spreadsheet_id=BOOK, permit=unpaced)


def tab_of(remote):
    tabs = remote.tabs()
    assert isinstance(tabs, list), tabs
    return tabs[0]


def test_cells_are_read_as_they_are_shown(remote):
    assert remote.read(tab_of(remote)) == [COLUMNS[:3], ["KH001", "0987654321"], ["KH002", "912345678"]]


def test_a_text_is_written_as_it_is_and_no_other_cell(remote, sheet):
    tab = tab_of(remote)
    assert remote.write(tab, [Cell(2, 3, "=HYPERLINK(1)"), Cell(3, 3, "0912")]) == 2
    sheet.refresh_from_db()
    assert [row[2] for row in sheet.rows] == ["=HYPERLINK(1)", "0912"]
    assert [row[:2] for row in sheet.rows] == [row[:2] for row in ROWS]


def test_a_column_of_verdicts_is_one_call(remote, calls):
    tab = tab_of(remote)
    calls.calls.clear()
    remote.write(tab, [Cell(row, 3, "Đã gửi") for row in range(2, 1000)])
    assert calls.calls == ["POST values:batchUpdate"]


def test_the_token_is_asked_for_once(remote, calls):
    tab = tab_of(remote)
    remote.read(tab)
    assert calls.calls == ["POST token", "GET book", "GET values:batchGet"]


def test_a_tab_is_found_by_any_name(calls, account, sheet):
    other = make_sheet(["A"], [["x"]], slug="s2")
    make_book(sheet, others={"Bảng 'lạ' / số 2!": other})
    remote = Spreadsheet(key=key_text(account), spreadsheet_id=BOOK, permit=unpaced)
    tabs = remote.tabs()
    assert isinstance(tabs, list), tabs
    assert [tab.title for tab in tabs] == [TAB, "Bảng 'lạ' / số 2!"]
    assert remote.read(tabs[1]) == [["A"], ["x"]]
    assert remote.heads(tabs) == [COLUMNS, ["A"]]


def test_a_long_tab_is_read_in_ranges_with_its_empty_rows_in_place(remote, sheet, calls):
    rows = [["", "", ""] for _ in range(11_000)]
    rows[10_500] = ["KH9", "0912345678", ""]
    PracticeSheet.objects.filter(pk=sheet.pk).update(rows=rows)
    grid = remote.read(tab_of(remote))
    assert (len(grid), grid[10_501]) == (10_502, ["KH9", "0912345678"])
    assert calls.calls.count("GET values:batchGet") == 1


def test_a_hidden_column_is_added_beyond_the_grid(remote, sheet):
    GoogleTab.objects.update(column_count=3)
    tab = tab_of(remote)
    assert remote.add_hidden_column(tab, 4) is None
    assert remote.write(tab, [Cell(1, 4, "_cdp_id")]) == 1
    sheet.refresh_from_db()
    assert sheet.columns == [*COLUMNS, "_cdp_id"]
    assert GoogleTab.objects.get().hidden_columns == [3]


def test_merged_cells_are_told(remote):
    area = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 2}
    GoogleTab.objects.update(merges=[area])
    assert tab_of(remote).merged == ("B2:B3",)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": "http_429"}, Later("http 429", 30)),
        ({"kind": "http_500"}, Later("http 500")),
        ({"kind": "http_503"}, Later("http 503")),
        ({"kind": "truncated_json"}, Later("torn: JSONDecodeError")),
        ({"kind": "html_answer"}, Later("torn: JSONDecodeError")),
        ({"kind": "reset"}, Later("ConnectionError")),
        ({"kind": "lost_answer"}, Later("ConnectionError")),
        ({"kind": "forbidden"}, Refused("not_shared")),
        ({"kind": "gone"}, Refused("gone")),
        ({"kind": "token_death", "count": 2}, Refused("key_refused")),
        ({"kind": "http_503", "call": "token"}, Later("token 503")),
        ({"kind": "http_429", "call": "token"}, Later("token 429", 30)),
        ({"kind": "truncated_json", "call": "token"}, Later("torn: TypeError")),
        ({"kind": "html_answer", "call": "token"}, Later("torn: TypeError")),
    ],
    ids=str,
)
def test_trouble_is_a_value_and_passes(remote, calls, fault, outcome):
    script(**fault)
    told = remote.tabs()
    assert told == outcome if "torn" not in str(outcome) else isinstance(told, Later)
    assert isinstance(remote.tabs(), list)


def test_a_slow_answer_is_given_up(calls, account, book, monkeypatch):
    class Slow(InProcess):
        def send(self, request, *args, **kwargs):
            raise requests.ReadTimeout("timed out")

    mount(monkeypatch, http.session(), adapter=Slow())
    assert Spreadsheet(key=key_text(account), spreadsheet_id=BOOK, permit=unpaced).tabs() == Later("ReadTimeout")


def test_a_dead_token_is_renewed_once(remote, calls):
    tab_of(remote)
    GoogleToken.objects.all().delete()
    assert isinstance(remote.tabs(), list)
    assert calls.calls == ["POST token", "GET book", "GET book", "POST token", "GET book"]


@pytest.mark.parametrize(
    ("columns", "why"), [({"is_deleted": True}, "key_refused"), ({"api_enabled": False}, "api_disabled")]
)
def test_an_account_that_may_not(remote, columns, why):
    GoogleAccount.objects.update(**columns)
    assert remote.tabs() == Refused(why)


def test_one_shared_for_reading_only_says_so_when_written(remote, book):
    books.share(book=book, email=EMAIL, role="reader")
    tab = tab_of(remote)
    assert remote.write(tab, [Cell(2, 3, "x")]) == Refused("read_only")
    assert remote.add_hidden_column(tab, 4) == Refused("read_only")


def test_a_range_outside_the_grid_is_asked_for_again_later(remote):
    assert remote.read(Tab(0, "Không có", 5, 5)) == Later("http 400")


def test_googles_own_minute_is_kept(remote, account):
    GoogleAccount.objects.update(reads_per_minute=2)
    outcomes = [remote.tabs() for _ in range(3)]
    assert outcomes[-1] in (Later("http 429"), outcomes[0])  # the minute may turn between two of them
    assert Later("http 429") in [*outcomes, *(remote.tabs() for _ in range(2))]


def test_a_call_without_a_permit_is_not_made(calls, account, book):
    remote = Spreadsheet(key=key_text(account), spreadsheet_id=BOOK, permit=lambda kind: 7 if kind == "read" else 0)
    assert remote.tabs() == Later("paced", 7)
    assert calls.calls == []


def test_a_forged_signature_gets_no_token(calls, account, book):
    credentials_of.cache_clear()
    stolen = json.loads(key_text(account)) | {"private_key": tokens.new_key()}
    assert Spreadsheet(key=json.dumps(stolen), spreadsheet_id=BOOK, permit=unpaced).tabs() == Refused("key_refused")
    assert not GoogleToken.objects.exists()


def test_a_key_file_is_read_and_never_chooses_where_we_post(account, settings):
    text = json.dumps(json.loads(key_text(account)) | {"token_uri": "http://169.254.169.254/latest"})
    key = read_key(f"  {text}\n")
    assert key
    assert key.client_email == EMAIL
    assert "PRIVATE" not in repr(key)
    assert credentials_of(key.text)._token_uri == settings.GOOGLE_TOKEN_URI


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "x" * 30_000, '{"type": "service_account"}', "\ud800"])
def test_what_is_no_key_file(text):
    assert read_key(text) is None


def test_one_whose_key_is_broken(account):
    broken = json.loads(key_text(account)) | {
        "private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
    }
    assert read_key(json.dumps(broken)) is None
