"""Spreadsheets: made of practice sheets, described as Google describes them, and changed by spreadsheets.batchUpdate."""

from typing import Any

from sandbox.google import grids
from sandbox.google.answers import invalid
from sandbox.models import GoogleBook, GoogleTab, PracticeSheet

_FIRST_GID = 1_000


def create_book(*, spreadsheet_id: str, title: str, sheets: dict[str, PracticeSheet]) -> GoogleBook:
    """The spreadsheet with these tabs, title → practice sheet. A second call changes nothing."""
    book, _ = GoogleBook.objects.get_or_create(spreadsheet_id=spreadsheet_id, defaults={"title": title})
    for position, (name, sheet) in enumerate(sheets.items()):
        gid = position and _FIRST_GID + position  # Google's first tab is 0
        defaults = {"sheet": sheet, "title": name, "position": position}
        GoogleTab.objects.get_or_create(book=book, gid=gid, defaults=defaults)
    return book


def share(*, book: GoogleBook, email: str, role: str) -> None:
    """Share with this address as "writer" or "reader", or with "" no longer."""
    others = {name: kept for name, kept in book.shared_with.items() if name != email}
    book.shared_with = others | ({email: role} if role else {})
    book.save(update_fields=["shared_with"])


def described(book: GoogleBook) -> dict[str, Any]:
    """The answer of spreadsheets.get, without cells."""
    return {
        "spreadsheetId": book.spreadsheet_id,
        "properties": {"title": book.title, "locale": "vi_VN", "timeZone": "Asia/Ho_Chi_Minh"},
        "sheets": [_tab(tab) for tab in book.tabs.select_related("sheet")],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.spreadsheet_id}/edit",
    }


def _tab(tab: GoogleTab) -> dict[str, Any]:
    rows, columns = grids.size(tab)
    properties = {
        "sheetId": tab.gid,
        "title": tab.title,
        "index": tab.position,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": rows, "columnCount": columns},
    }
    return {"properties": properties} | ({"merges": tab.merges} if tab.merges else {})


def change(book: GoogleBook, requests: Any) -> dict[str, Any]:
    """spreadsheets.batchUpdate: all of the requests, or Google's 400 and none of them."""
    if not isinstance(requests, list) or not requests:
        raise invalid("Must specify at least one request.")
    tabs = {tab.gid: tab for tab in book.tabs.select_related("sheet")}
    for number, request in enumerate(requests):
        _change(tabs, number, request)
    for tab in tabs.values():
        tab.save(update_fields=["row_count", "column_count", "hidden_columns"])
    return {"spreadsheetId": book.spreadsheet_id, "replies": [{} for _ in requests]}


def _change(tabs: dict[int, GoogleTab], number: int, request: Any) -> None:
    match request:
        case {"appendDimension": {"sheetId": gid, "dimension": "COLUMNS" | "ROWS" as dimension, "length": int(length)}}:
            tab = _known(tabs, gid, number)
            rows, columns = grids.size(tab)
            if dimension == "COLUMNS":
                tab.column_count = columns + length
            else:
                tab.row_count = rows + length
        case {
            "updateDimensionProperties": {
                "range": {"sheetId": gid, "dimension": "COLUMNS", "startIndex": int(start), "endIndex": int(end)},
                "properties": {"hiddenByUser": bool(hidden)},
                "fields": "hiddenByUser",
            }
        }:
            tab, named = _known(tabs, gid, number), set(range(start, end))
            known = set(tab.hidden_columns)
            tab.hidden_columns = sorted(known | named if hidden else known - named)
        case _:
            raise invalid(f"Invalid requests[{number}]: this sandbox plays appendDimension and hiddenByUser only")


def _known(tabs: dict[int, GoogleTab], gid: Any, number: int) -> GoogleTab:
    tab = tabs.get(gid) if isinstance(gid, int) else None
    if tab is None:
        raise invalid(f"Invalid requests[{number}]: No grid with id: {gid}")
    return tab
