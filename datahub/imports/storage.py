"""Where an uploaded file lies until its import ends: $CDP_HOME/imports, readable by this user alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from datahub.models import FileImport

_CONVERTED = ".rows"


def folder() -> Path:
    """The directory, made when it is first needed."""
    found: Path = settings.CDP_HOME / "imports"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def keep(name: str, pieces: Iterable[bytes]) -> tuple[Path, str, int]:
    """Write the pieces into a new file called `name`; the path, the SHA-256 as hex digits, and the size in bytes."""
    path, digest, size = folder() / name, hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    return path, digest.hexdigest(), size


def path_of(file_import: FileImport) -> Path:
    """Where the import's file lies."""
    found: Path = settings.CDP_HOME / file_import.path
    return found


def converted_path(file_import: FileImport) -> Path:
    """Where its rows lie as plain text, once a workbook was unrolled."""
    return folder() / f"{file_import.pk}{_CONVERTED}"


def draft_path(file_import: FileImport) -> Path:
    """Where a workbook is being unrolled to."""
    return converted_path(file_import).with_suffix(f"{_CONVERTED}.draft")


def open_file(file_import: FileImport) -> BinaryIO:
    """The import's file, to read. FileNotFoundError where it is gone."""
    return path_of(file_import).open("rb")


def remove(file_import: FileImport) -> None:
    """Remove whatever lies there for this import; once more does nothing."""
    for path in (folder() / str(file_import.pk), converted_path(file_import), draft_path(file_import)):
        path.unlink(missing_ok=True)
