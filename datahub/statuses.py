"""The statuses a visit can have, and setting one by hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from datahub.fields import FieldError, choice
from datahub.models import Dataset, Record
from datahub.schema import STATUS
from datahub.tables import schema_of
from datahub.upsert import VISIT_FIELDS, change_by_hand


def status_names(dataset: Dataset) -> list[str]:
    """The statuses a visit of this table can have."""
    field = next((field for field in dataset.fields.all() if field.key == STATUS), None)
    names = list(field.choices) if field else []
    return names if dataset.done_value in names else [*names, dataset.done_value]


def mark_status(*, record: Record, status: str, actor: str, now: datetime) -> Record | FieldError:
    """Set a visit's status by hand; the record as it now stands, or why the status is none. `now` is UTC.

    Completing writes the moment and counts the completion; the same status again changes nothing and leaves no event.
    """
    schema = schema_of(record.dataset)
    wanted = choice(status, status_names(record.dataset))
    if isinstance(wanted, FieldError):
        return wanted
    with transaction.atomic():
        fresh = Record.objects.select_for_update(of=("self",)).get(pk=record.pk)
        change_by_hand(fresh, fresh.values | {STATUS: wanted}, schema=schema, actor=actor, now=now)
    record.refresh_from_db(fields=VISIT_FIELDS)
    return record
