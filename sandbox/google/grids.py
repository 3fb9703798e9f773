"""A tab's cells: what a range reads, and what writing into it does. The first row of the grid is the sheet's header."""

import re
from typing import Any

from sandbox.google import a1
from sandbox.google.a1 import Area
from sandbox.google.answers import invalid
from sandbox.models import GoogleBook, GoogleTab, PracticeSheet

INPUTS = ("RAW", "USER_ENTERED")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_TRIES = 20


def located(book: GoogleBook, notation: str) -> tuple[GoogleTab, Area]:
    """The tab and the area that a range names. Raises Google's 400 for a range that is none, or outside the grid."""
    tabs = {tab.title: tab for tab in book.tabs.select_related("sheet")}
    parsed = a1.parse(notation)
    # Sheets takes a bare word for a tab's title first.
    if notation in tabs:
        parsed = notation, Area()
    if parsed is None or (parsed[0] and parsed[0] not in tabs) or not tabs:
        raise invalid(f"Unable to parse range: {notation}")
    tab, area = (tabs[parsed[0]] if parsed[0] else next(iter(tabs.values()))), parsed[1]
    rows, columns = size(tab)
    if area.top >= rows or area.left >= columns:
        raise invalid(f"Range ({notation}) exceeds grid limits. Max rows: {rows}, max columns: {columns}")
    return tab, area


def size(tab: GoogleTab) -> tuple[int, int]:
    """Rows and columns of the grid: at least what is in it."""
    return max(tab.row_count, len(tab.sheet.rows) + 1), max(tab.column_count, len(tab.sheet.columns))


def read(tab: GoogleTab, area: Area, *, formatted: bool) -> list[list[Any]]:
    """The values of the area, without trailing empty cells and rows, as the API gives them."""
    width = len(tab.sheet.columns)
    grid = [tab.sheet.columns, *(row[:width] for row in tab.sheet.rows)]
    cut = [row[area.left : area.right] for row in grid[area.top : area.bottom]]
    rows = [_trimmed([text if formatted else _unformatted(text) for text in row]) for row in cut]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def write(tab: GoogleTab, area: Area, values: list[list[Any]], *, option: str) -> int:
    """Put the values in and return how many cells that were; a None leaves its cell alone.

    A save by the practice page in between is not overwritten: the write starts over on what it left.
    """
    rows, columns = size(tab)
    height, width = area.top + len(values), area.left + max(map(len, values), default=0)
    if height > (area.bottom or rows) or width > (area.right or columns) or height > rows or width > columns:
        raise invalid(f"Requested writing within range, but tried writing to row [{height}] or column [{width}]")
    for _ in range(_TRIES):
        sheet = PracticeSheet.objects.get(pk=tab.sheet_id)
        written = _put(sheet, area, values, option)
        kept = PracticeSheet.objects.filter(pk=sheet.pk, revision=sheet.revision)
        if kept.update(columns=sheet.columns, rows=sheet.rows, revision=sheet.revision + 1):
            tab.sheet = sheet
            return written
    raise invalid("The sheet is being edited too fast")


def _put(sheet: PracticeSheet, area: Area, values: list[list[Any]], option: str) -> int:
    _widen(sheet, area.left + max(map(len, values), default=0))
    grid, written = [sheet.columns, *sheet.rows], 0
    for down, line in enumerate(values):
        for across, value in enumerate(line):
            if value is None:
                continue
            written += 1
            text = _stored(value, option)
            row, column = area.top + down, area.left + across
            while len(grid) <= row:
                grid.append([""] * len(sheet.columns))
            cells = grid[row]
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = text
    sheet.columns, sheet.rows = grid[0], grid[1:]
    return written


def _widen(sheet: PracticeSheet, width: int) -> None:
    """More columns; the text beyond the last one holds a row's notes and stays beyond it."""
    old, more = len(sheet.columns), max(0, width - len(sheet.columns))
    if more:
        sheet.columns = sheet.columns + [""] * more
        sheet.rows = [row + [""] * (old - len(row)) for row in sheet.rows]
        sheet.rows = [row[:old] + [""] * more + row[old:] for row in sheet.rows]


def _stored(value: Any, option: str) -> str:
    """What the cell shows. RAW keeps a text as it is; USER_ENTERED reads it as if it were typed."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return f"{value:g}".replace(".", ",")
    text = str(value)
    if option == "RAW":
        return text
    if text.startswith("'"):
        return text[1:]
    if text.startswith(("=", "+")) and len(text) > 1 and not _NUMBER.fullmatch(text):
        return "#NAME?"
    if _NUMBER.fullmatch(text):
        return text.lstrip("+").lstrip("0") or "0"
    return text


def _unformatted(text: str) -> Any:
    """A cell that looks like a number is one: this is how a phone loses its zero."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] == "":
        row = row[:-1]
    return row
