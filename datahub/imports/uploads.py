"""A file as it comes in: kept, recognised, looked at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from datahub.files.problems import FileProblem
from datahub.files.reading import Look, Reading, look, recognise
from datahub.imports import storage
from datahub.imports.mapping import suggested
from datahub.models import Dataset, FileImport, Source
from datahub.tables import schema_of

_SOURCE_NAME = "Tệp nhập vào"


def file_source(dataset: Dataset) -> Source:
    """The one source of a table's files. It stays closed: nothing comes in by its webhook."""
    found = Source.objects.filter(dataset=dataset, kind=Source.Kind.FILE).order_by("id").first()
    return found or Source.objects.create(
        workspace_id=dataset.workspace_id, dataset=dataset, name=_SOURCE_NAME, kind=Source.Kind.FILE
    )


def upload(
    *, dataset: Dataset, name: str, pieces: Iterable[bytes], by: User, now: datetime
) -> FileImport | FileProblem:
    """Keep an uploaded file and take a first look at it; or why it cannot be read, and nothing is kept."""
    found = FileImport.objects.create(
        workspace_id=dataset.workspace_id, source=file_source(dataset), name=name[-200:], sha256="", by=by, at=now
    )
    try:
        seen = _looked_at(found, pieces)
    except BaseException:
        _put_away(found)
        raise
    if isinstance(seen, FileProblem):
        _put_away(found)
        return seen
    return found


def _looked_at(found: FileImport, pieces: Iterable[bytes]) -> Look | FileProblem:
    path, found.sha256, size = storage.keep(str(found.pk), pieces)
    found.path = f"{path.parent.name}/{path.name}"
    with path.open("rb") as stream:
        reading = recognise(stream, size)
    return reading if isinstance(reading, FileProblem) else reread(found, reading, find_header=True)


def _put_away(found: FileImport) -> None:
    storage.remove(found)
    found.delete()


def reread(file_import: FileImport, reading: Reading, *, find_header: bool = False) -> Look | FileProblem:
    """Read the file in another way, and suggest a mapping anew; a way in which it cannot be read changes nothing."""
    schema = schema_of(file_import.source.dataset)
    with storage.open_file(file_import) as stream:
        seen = look(stream, reading, lambda name: schema.column(name) is not None, find_header=find_header)
    if not isinstance(seen, FileProblem):
        file_import.reading = seen.reading.as_json()
        file_import.mapping = suggested(seen.headings, seen.samples, schema).as_json()
        file_import.save(update_fields=["path", "sha256", "reading", "mapping"])
    return seen


def preview(file_import: FileImport) -> Look | FileProblem:
    """The file as it is read now."""
    schema = schema_of(file_import.source.dataset)
    with storage.open_file(file_import) as stream:
        reading = Reading.from_json(file_import.reading)
        return look(stream, reading, lambda name: schema.column(name) is not None, find_header=False)


def same_before(file_import: FileImport) -> FileImport | None:
    """The newest earlier import of the very same bytes that was not taken back."""
    earlier = FileImport.objects.filter(workspace_id=file_import.workspace_id, sha256=file_import.sha256)
    began = earlier.filter(pk__lt=file_import.pk, cursor__gt=0).exclude(state=FileImport.State.UNDONE)
    return began.order_by("-id").first()
