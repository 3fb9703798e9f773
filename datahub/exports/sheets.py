"""A table as a stream of bytes, however many rows it has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from datahub.exports.cells import BOM, Value, as_csv_text, as_excel, csv_text

MAX_EXCEL_ROWS = 100_000
"""Excel holds a million; writing more than this takes longer than a browser waits."""
_AT_ONCE = 500
_PIECE = 1 << 16
_FORMATS = {date: "dd/mm/yyyy", datetime: "dd/mm/yyyy hh:mm"}


@dataclass(frozen=True)
class Column:
    """A heading, and the type of the values below it: one of Field.Type, or `moment`."""

    label: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """What is written out. The rows are read once, as they are needed."""

    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def csv_pieces(table: Table) -> Iterator[bytes]:
    """The table as CSV in UTF-8, some rows a piece."""
    kinds = [column.kind for column in table.columns]
    yield (BOM + csv_text([[column.label for column in table.columns]])).encode()
    rows = iter(table.rows)
    while some := list(islice(rows, _AT_ONCE)):
        texts = [[as_csv_text(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in some]
        yield csv_text(texts).encode(errors="replace")


def xlsx_pieces(table: Table) -> Iterator[bytes]:
    """The table as an Excel workbook. It is written to the disk first: a zip's directory stands at its end."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Dữ liệu")
    kinds = [column.kind for column in table.columns]
    headings = [column.label for column in table.columns]
    for row in chain([headings], table.rows):
        of = ["text"] * len(kinds) if row is headings else kinds
        sheet.append([_cell(sheet, as_excel(value, kind)) for value, kind in zip(row, of, strict=True)])
    with tempfile.TemporaryFile(prefix="cdp-export-") as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _cell(sheet: Any, value: str | int | float | date | datetime) -> Any:
    """Text is told to be text: openpyxl would take one that begins with = for a formula."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
        if value.startswith("="):
            cell.data_type = "s"
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # the stubs know no bare date
        cell.number_format = _FORMATS[type(value)]
        return cell
    return value
