"""Records page by page from the newest: a page deep in a million costs what the first one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from datahub.bounded import TooLong, bounded
from datahub.models import Record, RecordQuerySet
from datahub.paging import Cursor, read_cursor


@dataclass(frozen=True)
class Stretch:
    """Records as one page shows them, and the place where the next page begins; empty after the last."""

    records: Sequence[Record]
    older: str = ""


def stretch(found: RecordQuerySet, *, before: str, size: int) -> Stretch | TooLong:
    """The `size` newest of these records that are older than the place `before`; what is no place is the beginning.

    In bounded time: TooLong where nobody would wait for it.
    """
    if place := read_cursor(before):
        # Said twice: the second half is what an index is read from.
        found = found.filter(Q(updated_at__lt=place.at) | Q(pk__lt=place.pk), updated_at__lte=place.at)
    try:
        with bounded():
            records = list(found.order_by("-updated_at", "-id")[: size + 1])
    except TooLong as too_long:
        return too_long
    return Stretch(records[:size], place_of(records[size - 1]) if len(records) > size else "")


def place_of(record: Record) -> str:
    """The place behind this record."""
    return str(Cursor(record.updated_at, record.pk))
