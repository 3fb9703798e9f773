"""Before the first row: counting them, and unrolling a workbook, so that any row can be reached again in a moment."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from django.conf import settings

from datahub.files.kinds import Kind
from datahub.files.lines import FileRow
from datahub.files.problems import MAX_ROWS, NO_ROWS, TOO_MANY_ROWS, UnreadableFile
from datahub.files.reading import Reading, rows
from datahub.imports import storage
from datahub.imports.lease import Lease

_RENEWED_EVERY = 20_000
_BREAKS = str.maketrans("\n\r", "  ")


def prepare(lease: Lease, stream: BinaryIO) -> bool:
    """Count the rows below the header and store their number; False where the import is no longer ours.

    A workbook becomes plain text first, as reading one from its start takes minutes and a killed import would begin
    there each time. Raises UnreadableFile.
    """
    reading = Reading.from_json(lease.file_import.reading)
    found = _counted(lease, rows(stream, reading))
    changes: dict[str, object] = {}
    if reading.kind is Kind.WORKBOOK:
        path = storage.converted_path(lease.file_import)
        total = _unroll(lease, found, path)
        plain = replace(reading, kind=Kind.TEXT, sheet="", encoding="utf-8", separator=",")
        changes = {"path": str(path.relative_to(settings.CDP_HOME)), "reading": plain.as_json()}
    else:
        total = sum(1 for _ in found)
    if total <= reading.header:
        raise UnreadableFile(NO_ROWS)
    changes["total"] = total - reading.header
    if not lease.renew(**changes):
        return False
    for name, value in changes.items():
        setattr(lease.file_import, name, value)
    return True


class LeaseLost(Exception):
    """The import was paused or stopped while its rows were counted."""


def _counted(lease: Lease, found: Iterable[FileRow]) -> Iterator[FileRow]:
    for number, row in enumerate(found):
        if number > MAX_ROWS + Reading.from_json(lease.file_import.reading).header:
            raise UnreadableFile(TOO_MANY_ROWS)
        if number % _RENEWED_EVERY == _RENEWED_EVERY - 1 and not lease.renew():
            raise LeaseLost
        yield row


def _unroll(lease: Lease, found: Iterable[FileRow], path: os.PathLike[str]) -> int:
    """The rows as text in `path`, which is there only once it is whole; how many there are."""
    width, draft, total = len(lease.file_import.mapping["headings"]), storage.draft_path(lease.file_import), 0
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", newline="", encoding="utf-8"
    ) as out:
        write = csv.writer(out, lineterminator="\n").writerow
        for cells, _ in found:
            # What stands beside the table is no part of it.
            write([cell.translate(_BREAKS) for cell in cells[:width]] or [""])
            total += 1
    os.replace(draft, path)
    return total
