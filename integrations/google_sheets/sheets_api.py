"""The thin edge to the Google Sheets API: gspread over the one session of `integrations.http`.

Nothing expected is raised: an answer comes back as it is, trouble as `Later` or `Refused`. Nothing is asked twice here and
nothing sleeps: whoever asks has a table that says when to ask again. Cells are read as they are shown, so that a phone
keeps its zero, and written RAW, so that no text is taken for a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import gspread
from django.conf import settings
from google.auth.exceptions import GoogleAuthError
from google.oauth2.service_account import Credentials
from gspread.utils import absolute_range_name, rowcol_to_a1

from integrations import http
from integrations.google_sheets.key_file import credentials_of
from integrations.http import Unanswered, Unreached

A = TypeVar("A")

MOST_ROWS, MOST_COLUMNS = 50_000, 200
_BLOCK = 5_000  # rows in one range; all ranges travel in one call
_CELLS_A_CALL = 5_000
_GOOGLE = "https://sheets.googleapis.com"
_OVER = "RATE_LIMIT_EXCEEDED"


@dataclass(frozen=True)
class Later:
    """Nothing is wrong with the link: ask again, after `retry_after_s` where Google named a time. `why` is for the log."""

    why: str
    retry_after_s: int | None = None


@dataclass(frozen=True)
class Refused:
    """A person must act. `why`: not_shared, read_only, gone, key_refused, api_disabled, not_a_sheet."""

    why: str


@dataclass(frozen=True)
class Tab:
    """One tab as the spreadsheet describes it. `merged` are areas as `B2:C3`."""

    gid: int
    title: str
    rows: int
    columns: int
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A text for one cell; row and column count from 1."""

    row: int
    column: int
    text: str


Grid = list[list[str]]
Permit = Callable[[str], int]
"""Told `read` or `write`, says how many seconds to wait for it; 0 lets it go."""


class Spreadsheet:
    """One spreadsheet under one service account. `key` is the key file's text."""

    def __init__(self, *, key: str, spreadsheet_id: str, permit: Permit) -> None:
        session = _Wire(credentials_of(key), permit)
        # gspread types its session as requests' own; it only ever calls `request`.
        client = gspread.authorize(None, http_client=_Sheets, session=session)  # type: ignore[arg-type]
        self._http, self._id = client.http_client, spreadsheet_id

    def tabs(self) -> list[Tab] | Later | Refused:
        """What the spreadsheet is made of. One read."""
        fields = "sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),merges)"
        return _told(lambda: _tabs(self._http.fetch_sheet_metadata(self._id, {"fields": fields})))

    def read(self, tab: Tab) -> Grid | Later | Refused:
        """Every row of the tab as it is shown, the header first. One read."""
        height, right = min(tab.rows, MOST_ROWS), min(tab.columns, MOST_COLUMNS)
        tops = range(1, height + 1, _BLOCK)
        ranges = [_range(tab, top, 1, min(top + _BLOCK - 1, height), right) for top in tops]
        return _told(lambda: _joined(self._ranges(ranges)))

    def heads(self, tabs: Sequence[Tab]) -> list[list[str]] | Later | Refused:
        """The first row of each of these tabs. One read."""
        ranges = [_range(tab, 1, 1, 1, min(tab.columns, MOST_COLUMNS)) for tab in tabs]
        return _told(lambda: [rows[0] if rows else [] for rows in self._ranges(ranges)])

    def write(self, tab: Tab, cells: Sequence[Cell]) -> int | Later | Refused:
        """Write these cells and no other; how many. One write for up to five thousand."""
        for start in range(0, len(cells), _CELLS_A_CALL):
            data = [_run(tab, run) for run in _runs(cells[start : start + _CELLS_A_CALL])]
            body = {"valueInputOption": "RAW", "data": data}
            outcome = _told(partial(self._http.values_batch_update, self._id, body))
            if isinstance(outcome, Later | Refused):
                return Refused("read_only") if outcome == Refused("not_shared") else outcome
        return len(cells)

    def add_hidden_column(self, tab: Tab, column: int) -> Later | Refused | None:
        """Make room for column number `column` and hide it. One write."""
        span = {"sheetId": tab.gid, "dimension": "COLUMNS", "startIndex": column - 1, "endIndex": column}
        hide = {"range": span, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
        requests: list[dict[str, Any]] = [{"updateDimensionProperties": hide}]
        if column > tab.columns:
            more = {"sheetId": tab.gid, "dimension": "COLUMNS", "length": column - tab.columns}
            requests.insert(0, {"appendDimension": more})
        outcome = _told(lambda: self._http.batch_update(self._id, {"requests": requests}))
        if isinstance(outcome, Later | Refused):
            return Refused("read_only") if outcome == Refused("not_shared") else outcome
        return None

    def _ranges(self, ranges: list[str]) -> list[Grid]:
        shown: dict[str, Any] = {"valueRenderOption": "FORMATTED_VALUE", "majorDimension": "ROWS"}
        answer = self._http.values_batch_get(self._id, ranges, shown)
        return [[[str(cell) for cell in row] for row in each.get("values", [])] for each in answer["valueRanges"]]


class _Stop(Exception):
    """Carries an outcome out through gspread."""

    def __init__(self, outcome: Later | Refused) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome


class _Sheets(gspread.http_client.HTTPClient):
    """Google's address is a setting. Never gspread's BackOffHTTPClient: it sleeps for an hour, then recurses without end."""

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, endpoint.replace(_GOOGLE, settings.SHEETS_API_BASE, 1), *args, **kwargs)


class _Wire:
    """What gspread takes for its session: paced, signed, and every silence an outcome."""

    def __init__(self, credentials: Credentials, permit: Permit) -> None:
        self._credentials, self._permit = credentials, permit

    def request(self, *, method: str, url: str, **content: Any) -> Any:
        if wait := self._permit("read" if method == "get" else "write"):
            raise _Stop(Later("paced", wait))
        content = {name: content[name] for name in ("params", "json") if content.get(name) is not None}
        answer = self._signed(method, url, content)
        if answer.status_code == 401:  # the token died before its time; the key may be as good as ever
            self._credentials.token = None
            answer = self._signed(method, url, content)
        return answer

    def _signed(self, method: str, url: str, content: Mapping[str, Any]) -> Any:
        # Not `before_request`: that also starts a thread which asks Google where the account may be used.
        if not self._credentials.valid:
            self._credentials.refresh(_ask_for_token)  # type: ignore[no-untyped-call]
        headers = {"Authorization": f"Bearer {self._credentials.token}"}
        return _answered(http.exchange(method.upper(), url, headers=headers, **content))


@dataclass(frozen=True)
class _TokenAnswer:
    status: int
    headers: Mapping[str, str]
    data: bytes


def _ask_for_token(url: str, method: str = "POST", body: Any = None, headers: Any = None, **_: Any) -> _TokenAnswer:
    """google-auth's own asking, but once: given a bad answer it would sleep and ask again."""
    answer = _answered(http.exchange(method, url, headers=headers or {}, data=body))
    if answer.status_code in (408, 429) or answer.status_code >= 500:
        raise _Stop(Later(f"token {answer.status_code}", _seconds(answer)))
    if answer.status_code != 200:
        raise _Stop(Refused("key_refused"))
    return _TokenAnswer(200, answer.headers, answer.content)


def _answered(outcome: Any) -> Any:
    if isinstance(outcome, Unreached | Unanswered):
        raise _Stop(Later(outcome.why))
    return outcome


def _told(ask: Callable[[], A]) -> A | Later | Refused:
    """What was asked for, or what Google said instead."""
    try:
        return ask()
    except _Stop as stop:
        return stop.outcome
    except gspread.exceptions.APIError as error:
        return _meant(error)
    except (ValueError, KeyError, TypeError, AttributeError, GoogleAuthError) as torn:
        # Half an answer, or a page for people in its place.
        return Later(f"torn: {type(torn).__name__}")


def _meant(error: gspread.exceptions.APIError) -> Later | Refused:
    """Google's error as an outcome. Its own code is not there where a proxy answered in Google's stead."""
    status, said = error.response.status_code, error.error
    reasons = {str(each.get("reason")) for each in said.get("details", []) if isinstance(each, dict)}
    if status in (408, 429) or status >= 500 or _OVER in reasons:
        return Later(f"http {status}", _seconds(error.response))
    if status == 403:
        return Refused("api_disabled" if "SERVICE_DISABLED" in reasons else "not_shared")
    if status == 400:
        # A range outside the grid: it was cut since we asked how large it is. An Excel file is never read.
        return Refused("not_a_sheet") if said.get("status") == "FAILED_PRECONDITION" else Later("http 400")
    return Refused({401: "key_refused", 404: "gone"}.get(status, "not_shared"))


def _seconds(answer: Any) -> int | None:
    after = answer.headers.get("Retry-After", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None


def _tabs(answer: Mapping[str, Any]) -> list[Tab]:
    tabs = []
    for sheet in answer["sheets"]:
        properties = sheet["properties"]
        if grid := properties.get("gridProperties"):  # a chart on a tab of its own has no grid
            merged = tuple(_area(merge) for merge in sheet.get("merges", []))
            rows, columns = grid.get("rowCount", 0), grid.get("columnCount", 0)
            tabs.append(Tab(properties.get("sheetId", 0), properties["title"], rows, columns, merged))
    return tabs


def _area(merge: Mapping[str, int]) -> str:
    first = rowcol_to_a1(merge.get("startRowIndex", 0) + 1, merge.get("startColumnIndex", 0) + 1)
    return f"{first}:{rowcol_to_a1(merge['endRowIndex'], merge['endColumnIndex'])}"


def _range(tab: Tab, top: int, left: int, bottom: int, right: int) -> str:
    name: str = absolute_range_name(tab.title, f"{rowcol_to_a1(top, left)}:{rowcol_to_a1(bottom, right)}")
    return name


def _joined(blocks: list[Grid]) -> Grid:
    """The blocks under one another; Google leaves out the empty end of each."""
    rows: Grid = []
    for number, block in enumerate(blocks):
        rows.extend([] for _ in range(number * _BLOCK - len(rows)))
        rows.extend(block)
    return rows


def _runs(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells under one another, together: one range for a column of verdicts."""
    runs: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: (cell.column, cell.row)):
        last = runs[-1][-1] if runs else None
        if last and (last.column, last.row + 1) == (cell.column, cell.row):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return runs


def _run(tab: Tab, run: list[Cell]) -> dict[str, Any]:
    top, bottom = run[0], run[-1]
    return {"range": _range(tab, top.row, top.column, bottom.row, bottom.column), "values": [[c.text] for c in run]}
