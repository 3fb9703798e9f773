"""What an import would do, without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction

from datahub.files.problems import FileProblem, UnreadableFile
from datahub.files.reading import Reading, rows
from datahub.imports import storage
from datahub.imports.intake import FileIntake, Tally, Verdict
from datahub.imports.stretches import unsettled
from datahub.models import FileImport, Source
from datahub.tables import schema_of

CHECKED = 1_000
"""Rows that a trial judges."""


@dataclass(frozen=True)
class Trial:
    """What would become of the first rows."""

    rows: int
    tally: Tally
    verdicts: list[Verdict]


class _Rollback(Exception):
    pass


def trial(file_import: FileImport, now: datetime) -> Trial | FileProblem:
    """Take in the first rows as the import would, and leave nothing of it."""
    try:
        with storage.open_file(file_import) as stream:
            found = list(islice(unsettled(file_import, rows(stream, Reading.from_json(file_import.reading))), CHECKED))
    except UnreadableFile as error:
        return error.problem
    intake = FileIntake(file_import, schema_of(file_import.source.dataset), now)
    try:
        with transaction.atomic():
            # As an import does: whoever moves customers about waits, instead of meeting us half-way.
            Source.objects.select_for_update().get(pk=file_import.source_id)
            tally = intake.settle(found)
            raise _Rollback
    except _Rollback:
        pass
    return Trial(len(found), tally, intake.verdicts)
