"""PURE. Rows out of an Excel workbook, one at a time, in little memory."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError, iterparse

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from datahub.files.archives import Metered, too_large
from datahub.files.cells import UNCALCULATED, as_typed
from datahub.files.lines import FileRow
from datahub.files.problems import CORRUPT, MAX_COLUMNS, TOO_WIDE, FileProblem, UnreadableFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ONE_ROW = 32 * 1024 * 1024
"""Bytes of XML: a row of text in every cell that Excel allows is smaller."""
_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ParseError, EOFError, KeyError, ValueError, TypeError, IndexError,
    AttributeError, NotImplementedError, OSError,
)  # fmt: skip


class _Cells(WorkSheetParser):
    """openpyxl's reading of a cell, which leaves a formula that was never calculated looking like an empty one."""

    def parse_cell(self, element: Element) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(f"{_MAIN}f") is not None:
            cell["value"] = UNCALCULATED
        return cell


def sheets_of(stream: BinaryIO) -> list[tuple[str, bool]] | FileProblem:
    """The names of the workbook's sheets in their order, and whether each is shown; or why it cannot be read."""
    try:
        with _opened(stream) as book:
            found = [(sheet.title, sheet.sheet_state == "visible") for sheet in book.worksheets]
    except UnreadableFile as error:
        return error.problem
    return found or CORRUPT


def sheet_rows(stream: BinaryIO, name: str) -> Iterator[FileRow]:
    """Every row of one sheet from row 1 on, empty ones too, so that rows are counted as Excel does.

    Raises UnreadableFile where the sheet is broken, or inflates without end.
    """
    with _opened(stream) as book:
        sheet = book[name]
        last = 0
        for number, cells in _parsed(book, sheet):
            yield from (([], "") for _ in range(min(number - last - 1, _GAP)))
            last = number
            yield _row(cells)


_GAP = 100_000
"""Empty rows kept between two others: a last row far below must not cost a million steps."""


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[Any]:
    """The workbook. Whatever openpyxl stumbles on inside comes out as UnreadableFile."""
    try:
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            if problem := too_large(archive):
                raise UnreadableFile(problem)
        stream.seek(0)
        with warnings.catch_warnings():
            # What Excel knows and openpyxl does not (styles, extensions) is nothing that we read.
            warnings.simplefilter("ignore")
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            yield book
    except _BROKEN as error:
        raise UnreadableFile(CORRUPT) from error


def _parsed(book: Any, sheet: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    with book._archive.open(sheet._worksheet_path) as inflated:
        source = Metered(inflated, _ONE_ROW)
        cells = _Cells(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        data: Element | None = None
        # Since 2.4.1 expat itself stops entities that multiply; what is merely large, `Metered` stops.
        for event, element in iterparse(source, events=("start", "end")):  # noqa: S314
            if event == "start":
                data = element if element.tag == f"{_MAIN}sheetData" else data
            elif element.tag == f"{_MAIN}row":
                yield cells.parse_row(element)
                cells.row_dimensions.clear()
                source.went_well()
                if data is not None:
                    data.clear()


def _row(cells: list[dict[str, Any]]) -> FileRow:
    typed: list[str] = []
    for cell in cells:
        if cell["value"] is None:
            continue
        column = cell["column"]
        if column > 4 * MAX_COLUMNS:
            raise UnreadableFile(TOO_WIDE)
        typed.extend([""] * (column - len(typed)))
        typed[column - 1] = as_typed(cell["value"])
    return typed, ""
