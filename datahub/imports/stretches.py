"""A file's rows, numbered, in stretches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from datahub.files.lines import FileRow
from datahub.imports.intake import NumberedRow
from datahub.models import FileImport

# Rows a transaction: more gain little, and on SQLite everybody else waits for it.
CHUNK = 2_000


def unsettled(file_import: FileImport, found: Iterator[FileRow]) -> Iterator[NumberedRow]:
    """The rows below the header that are still to be done, numbered as in the file."""
    return islice(enumerate(found, 1), int(file_import.reading["header"]) + file_import.cursor, None)


def stretches(found: Iterator[NumberedRow]) -> Iterator[list[NumberedRow]]:
    """The same rows, CHUNK at a time."""
    while chunk := list(islice(found, CHUNK)):
        yield chunk
