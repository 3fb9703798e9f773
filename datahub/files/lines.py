"""PURE. Rows out of a text file, one at a time, however its lines end and wherever a quote was left open."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from datahub.files.problems import MAX_LINE, NO_TABLE, UnreadableFile

FileRow = tuple[list[str], str]
"""The cells of one row, and what is wrong with the row as a whole; empty: nothing."""

SEPARATORS = (",", ";", "\t", "|")
_QUOTED_LINES = 50
"""A cell of more lines than this is a quote that nobody closed."""
_UNCLOSED = 'dấu ngoặc kép (") mở ra mà không đóng lại, hãy xóa dấu ngoặc thừa ở dòng này'
_TOO_LONG = 'có ô dài bất thường, có lẽ vì dấu ngoặc kép (") mở ra mà không đóng lại, hãy kiểm tra dòng này'
LOST = "\ufffd"
"""Stands where a letter could not be read."""


def text_of(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The stream as text: every kind of line end becomes one, and what cannot be read becomes U+FFFD."""
    return io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None)


def separator_of(sample: list[str]) -> str:
    """What stands between the cells of these lines: what cuts most of them into the same, largest number of cells."""
    if sample and (said := _said(sample[0])):
        return said
    return max(SEPARATORS, key=lambda separator: _regularity(sample, separator))


def _said(line: str) -> str:
    """The separator that Excel's own first line names."""
    return line[4:5] if line[:4].lower() == "sep=" and len(line.strip("\r\n")) == 5 else ""


def _regularity(sample: list[str], separator: str) -> tuple[int, int]:
    found = (_split(line.rstrip("\n"), separator) for line in sample if line.strip())
    widths = [len(cells) for cells in found if isinstance(cells, list)]
    wide = [width for width in widths if width > 1]
    if not wide:
        return (0, 0)
    usual = max(set(wide), key=lambda width: (wide.count(width), width))
    return (wide.count(usual) * (usual - 1), usual)


def rows_of(text: TextIO, separator: str) -> Iterator[FileRow]:
    """Every row of the file, the header and empty ones too: the first is row 1, as Excel counts.

    Raises UnreadableFile where a line is too long for a table. A quote that is never closed spoils its own row alone.
    """
    lines = _Lines(text)
    while (line := lines.next()) is not None:
        if '"' in line:
            yield _quoted(line, lines, separator)
        elif lines.number == 1 and _said(line):
            continue
        else:
            yield _row(line.split(separator))


class _Lines:
    """The lines of a file, some of which may be put back."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._back, self.number = text, deque[str](), 0

    def next(self) -> str | None:
        """The next line without its end, or None after the last."""
        self.number += 1
        if self._back:
            return self._back.popleft()
        line = self._text.readline(MAX_LINE)
        if len(line) == MAX_LINE:
            raise UnreadableFile(NO_TABLE)
        return line.rstrip("\n") if line else None

    def put_back(self, lines: list[str]) -> None:
        """Read these again before what follows."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def _quoted(line: str, lines: _Lines, separator: str) -> FileRow:
    """A row with a quote in it: it may go on over several lines."""
    taken: list[str] = []
    while (cells := _split("\n".join([line, *taken]), separator)) is None:
        more = lines.next() if len(taken) < _QUOTED_LINES else None
        if more is None:
            cells = _UNCLOSED
            break
        taken.append(more)
    if isinstance(cells, str):
        lines.put_back(taken)
        return line.split(separator), cells
    return _row(cells)


def _split(line: str, separator: str) -> list[str] | str | None:
    """The cells of a line, None where a quoted one is not closed in it, or what is wrong with it."""
    if '"' not in line:
        return line.split(separator)
    try:
        return _parsed(line, separator, strict=True)
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None
    # Closed by a quote of another row, or opened once too often: whose cells these are cannot be told.
    if "\n" in line or line.count('"') % 2:
        return _UNCLOSED
    try:
        # `"Hoa" Nguyễn`: a quote in the middle of a cell is text.
        return _parsed(line, separator, strict=False)
    except csv.Error:
        return _TOO_LONG


def _parsed(line: str, separator: str, *, strict: bool) -> list[str]:
    return next(csv.reader([line], delimiter=separator, strict=strict), [])


def _row(cells: list[str]) -> FileRow:
    return [cell if cell.isascii() else unicodedata.normalize("NFC", cell) for cell in cells], ""
