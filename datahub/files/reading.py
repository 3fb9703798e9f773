"""PURE. How one file is read, and a first look at it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, BinaryIO, Self

from datahub.files import headings, problems
from datahub.files.encodings import encoding_of
from datahub.files.headings import Knows
from datahub.files.kinds import HEAD, Kind, kind_of
from datahub.files.legacy import legacy_problem
from datahub.files.lines import SEPARATORS, FileRow, rows_of, separator_of, text_of
from datahub.files.problems import FileProblem, UnreadableFile, megabytes
from datahub.files.workbook import sheet_rows, sheets_of

_SAMPLE_LINES = 200
PREVIEWED = 20


@dataclass(frozen=True)
class Reading:
    """How a file is read. A workbook has a sheet, a text file an encoding and a separator."""

    kind: Kind
    sheet: str = ""
    encoding: str = ""
    separator: str = ""
    header: int = 1

    def as_json(self) -> dict[str, Any]:
        """For the import's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """As `as_json` made it."""
        return cls(**{**data, "kind": Kind(data["kind"])})


@dataclass(frozen=True)
class Look:
    """A first look at a file: how it is read, what its columns are called, its first rows and their numbers."""

    reading: Reading
    headings: list[str]
    rows: list[tuple[int, list[str]]]
    sheets: Sequence[tuple[str, bool]] = ()

    @property
    def samples(self) -> list[list[str]]:
        """The first rows without their numbers."""
        return [cells for _, cells in self.rows]


def recognise(stream: BinaryIO, size: int) -> Reading | FileProblem:
    """How to read this file, by what stands in it; or what it is instead, and what to do. The header is not yet looked for."""
    stream.seek(0)
    kind = kind_of(stream.read(HEAD), _entries(stream))
    if isinstance(kind, FileProblem):
        return kind
    limit = problems.MAX_WORKBOOK_BYTES if kind is Kind.WORKBOOK else problems.MAX_TEXT_BYTES
    if size > limit:
        message = f"Tệp nặng {megabytes(size)}, tối đa {megabytes(limit)}. Hãy chia thành nhiều tệp nhỏ hơn."
        return FileProblem("file.too_large", message)
    return _workbook(stream) if kind is Kind.WORKBOOK else _text(stream)


def _entries(stream: BinaryIO) -> frozenset[str]:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return frozenset()


def _workbook(stream: BinaryIO) -> Reading | FileProblem:
    sheets = sheets_of(stream)
    if isinstance(sheets, FileProblem):
        return sheets
    shown = [name for name, is_shown in sheets if is_shown] or [name for name, _ in sheets]
    for name in shown:
        found = Reading(Kind.WORKBOOK, sheet=name)
        first = first_rows(stream, found, 1)
        if isinstance(first, FileProblem) or first:
            return found if not isinstance(first, FileProblem) else first
    return problems.EMPTY


def _text(stream: BinaryIO) -> Reading | FileProblem:
    stream.seek(0)
    encoding = encoding_of(stream)
    if isinstance(encoding, FileProblem):
        return encoding
    stream.seek(0)
    text = text_of(stream, encoding)
    lines = [text.readline(problems.MAX_LINE) for _ in range(_SAMPLE_LINES)]
    text.detach()
    return Reading(Kind.TEXT, encoding=encoding, separator=separator_of(lines))


def rows(stream: BinaryIO, reading: Reading) -> Iterator[FileRow]:
    """Every row of the file from row 1. Raises UnreadableFile where the file turns out broken on the way."""
    stream.seek(0)
    if reading.kind is Kind.WORKBOOK:
        yield from sheet_rows(stream, reading.sheet)
        return
    text = text_of(stream, reading.encoding)
    try:
        yield from rows_of(text, reading.separator)
    finally:
        if not stream.closed:  # else whoever opened it is done, before the last row
            text.detach()


def first_rows(stream: BinaryIO, reading: Reading, count: int) -> list[list[str]] | FileProblem:
    """The cells of the first rows; without anything in them, none."""
    try:
        found = [cells for cells, _ in islice(rows(stream, reading), count)]
    except UnreadableFile as error:
        return error.problem
    return found


def look(stream: BinaryIO, reading: Reading, knows: Knows, *, find_header: bool) -> Look | FileProblem:
    """What the file looks like when read so. With `find_header` the row that names the columns is looked for."""
    found = first_rows(stream, reading, headings.LOOKED_AT + _SAMPLE_LINES)
    if isinstance(found, FileProblem):
        return found
    if problem := _wrong_letters(found, reading):
        return problem
    if find_header:
        reading = replace(reading, header=headings.header_row(found, knows))
    names = headings.names_at(found, reading.header, knows)
    below = [
        (number, row) for number, row in enumerate(found, 1) if number > reading.header and any(map(str.strip, row))
    ]
    columns = headings.headings(names, [row for _, row in below])
    if problem := _no_table(columns, below):
        return problem
    sheets = sheets_of(stream) if reading.kind is Kind.WORKBOOK else ()
    if isinstance(sheets, FileProblem):
        return sheets
    return Look(reading, columns, below[:PREVIEWED], sheets)


def _wrong_letters(found: list[list[str]], reading: Reading) -> FileProblem | None:
    """A workbook can hold text for the old fonts as well."""
    if reading.kind is not Kind.WORKBOOK:
        return None
    return legacy_problem(" ".join(cell for row in found for cell in row))


def _no_table(columns: list[str], below: list[tuple[int, list[str]]]) -> FileProblem | None:
    if len(columns) > problems.MAX_COLUMNS:
        return problems.TOO_WIDE
    if not columns:
        return problems.NO_HEADER
    return None if below else problems.NO_ROWS


def changed(reading: Reading, *, sheet: str = "", separator: str = "", header: str = "") -> Reading:
    """The same reading but for what a person chose; what is no choice changes nothing."""
    if reading.kind is Kind.WORKBOOK and sheet:
        reading = replace(reading, sheet=sheet)
    if reading.kind is Kind.TEXT and separator in SEPARATORS:
        reading = replace(reading, separator=separator)
    if header.isascii() and header.isdigit() and 0 < int(header) <= headings.LOOKED_AT:
        reading = replace(reading, header=int(header))
    return reading
