"""PURE. A zip that is opened with care: small files that inflate to fill a disk are an old trick."""

from __future__ import annotations

import re
import zipfile
from typing import IO, BinaryIO

from datahub.files.problems import BOMB, FileProblem, UnreadableFile

MAX_INFLATED = 1024 * 1024 * 1024
MAX_ENTRIES = 10_000
_MAX_RATIO, _SMALL = 250, 20 * 1024 * 1024
# Held whole in memory while a sheet is read.
_MAX_STRINGS, _MAX_OTHER = 150 * 1024 * 1024, 16 * 1024 * 1024
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_READ = re.compile(r"(?:xl/.*|_rels/.*|\[Content_Types\])\.?(?:xml|rels)?", re.IGNORECASE)
_UNREAD = re.compile(r"xl/(?:media|drawings|charts|embeddings|printerSettings|pivotCache|comments)", re.IGNORECASE)


def too_large(archive: zipfile.ZipFile) -> FileProblem | None:
    """What its directory says it would become, before anything is inflated.

    Python inflates no entry beyond the size its directory gives, so a directory that lies ends as a corrupt file.
    """
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_INFLATED:
        return BOMB
    return BOMB if any(map(_suspicious, entries)) else None


def _suspicious(entry: zipfile.ZipInfo) -> bool:
    if entry.file_size > _SMALL and entry.file_size > _MAX_RATIO * max(entry.compress_size, 1):
        return True
    if _SHEET.fullmatch(entry.filename) or _UNREAD.match(entry.filename):
        return False
    limit = _MAX_STRINGS if "sharedstrings" in entry.filename.lower() else _MAX_OTHER
    return bool(_READ.fullmatch(entry.filename)) and entry.file_size > limit


class Metered:
    """A stream that stops when too much came through it since it was last told that all is well."""

    def __init__(self, stream: IO[bytes] | BinaryIO, limit: int) -> None:
        self._stream, self._limit, self._left = stream, limit, limit

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes. Raises UnreadableFile where the limit is passed."""
        piece = self._stream.read(size if size >= 0 else self._left + 1)
        self._left -= len(piece)
        if self._left < 0:
            raise UnreadableFile(BOMB)
        return piece

    def went_well(self) -> None:
        """A row was made of what was read: begin to count anew."""
        self._left = self._limit
