"""The rows of one file on their way into the tables: as `Upsert` writes them, without what nobody reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from datahub.models import Record
from datahub.schema import STATUS, VISIT_DATE
from datahub.upsert import Changes, Upsert, change
from integrations.vietnam import at

_NOON = time(12)


@dataclass
class FileUpsert(Upsert):
    """Old visits are done since their own day and leave no event that a campaign could hear; new ones are as a sheet's.

    What was created is told by `Record.file_import`, so that an event is written only where something could be lost:
    for a change of what was known, and for a campaign that listens.
    """

    is_history: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    _places: dict[str, int] = field(default_factory=dict)

    def take(self, row_id: str, values: Mapping[str, str], existing: Record | None) -> Record:
        """As `Upsert.take`, and a row may come twice: the later one is right."""
        record = existing or self._unsaved(row_id)
        was_new = existing is None
        changes = change(record, record.values | values, schema=self.schema, now=self.now)
        if not changes:
            self.unchanged += 1
            return record
        self.created, self.updated = self.created + was_new, self.updated + (not was_new)
        if self.is_history:
            self._make_history(record, changes, was_new)
        self._remember(row_id, record, changes, was_new)
        return record

    def _make_history(self, record: Record, changes: Changes, was_new: bool) -> None:
        newly_done = STATUS in changes and self.schema.is_done(record.status)
        record.is_history = record.is_history or was_new or newly_done
        if newly_done and record.completed_at == self.now:
            record.completed_at = _noon_of(record.values.get(VISIT_DATE, "")) or self.now

    def _remember(self, row_id: str, record: Record, changes: Changes, was_new: bool) -> None:
        place = self._places.get(row_id)
        if place is None:
            self._places[row_id] = len(self._taken)
            self._taken.append((record, changes, was_new))
            return
        _, earlier, is_new = self._taken[place]
        merged = {key: [earlier.get(key, pair)[0], pair[1]] for key, pair in changes.items()}
        self._taken[place] = (record, earlier | merged, is_new)

    def _events(self) -> list[dict[str, Any]]:
        told = [taken for taken in self._taken if not (self.is_history and taken[2])]
        handled = {"handled_at": self.now if self.is_history else None}
        return [self._event(*taken) | handled for taken in told]


def _noon_of(visit_day: str) -> datetime | None:
    """In the middle of the day, so that no time zone makes another day of it."""
    return at(date.fromisoformat(visit_day), _NOON) if visit_day else None
