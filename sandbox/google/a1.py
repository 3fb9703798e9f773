"""PURE. A1 notation: `Tab!A2:C10`, `'Tên ''lạ'''!A:C`, `2:5`, `B7`, or the title of a tab alone."""

import re
from dataclasses import dataclass

_WITH_TAB = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(.+)", re.DOTALL)
_QUOTED = re.compile(r"'((?:[^']|'')+)'", re.DOTALL)
_CELL = r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?"
_AREA = re.compile(rf"{_CELL}(?::{_CELL})?")


@dataclass(frozen=True)
class Area:
    """Rows and columns from 0, the end not included; None is open."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None


def parse(notation: str) -> tuple[str, Area] | None:
    """The tab's title ("" for the first tab) and the area, or None if it is no A1 notation."""
    if found := _WITH_TAB.fullmatch(notation):
        area = _area(found[3])
        return (_unquoted(found[1]) if found[1] else found[2], area) if area else None
    if found := _QUOTED.fullmatch(notation):
        return _unquoted(found[1]), Area()
    area = _area(notation)
    return ("", area) if area else None


def _area(text: str) -> Area | None:
    found = _AREA.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    first_column, first_row, last_column, last_row = found.groups()
    if ":" not in text:
        if not (first_column and first_row):
            return None
        last_column, last_row = first_column, first_row
    return Area(
        top=int(first_row) - 1 if first_row else 0,
        left=column_index(first_column) if first_column else 0,
        bottom=int(last_row) if last_row else None,
        right=column_index(last_column) + 1 if last_column else None,
    )


def _unquoted(title: str) -> str:
    return title.replace("''", "'")


def column_index(letters: str) -> int:
    """0 for A, 26 for AA."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_name(index: int) -> str:
    """A for 0, AA for 26."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def shown(title: str, area: Area, *, rows: int, columns: int) -> str:
    """The range as Google writes it back, its open ends closed by the grid."""
    bottom, right = min(area.bottom or rows, rows), min(area.right or columns, columns)
    name = title if re.fullmatch(r"[A-Za-z_]\w*", title, re.ASCII) else "'{}'".format(title.replace("'", "''"))
    return f"{name}!{column_name(area.left)}{area.top + 1}:{column_name(right - 1)}{bottom}"
