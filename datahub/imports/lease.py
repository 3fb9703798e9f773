"""One worker at a time for one import, without a transaction that stays open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from datahub.models import FileImport
from integrations.base import Clock

LEASE = timedelta(seconds=60)
WORKING = (FileImport.State.RUNNING, FileImport.State.UNDOING)


@dataclass
class Lease:
    """The right to move one import on, until a moment of wall time."""

    file_import: FileImport
    clock: Clock
    until: datetime

    def renew(self, **changes: Any) -> bool:
        """Go on, and write these columns; False where somebody paused or stopped the import, or has taken it over."""
        until = self.clock.wall() + LEASE
        held = FileImport.objects.filter(
            pk=self.file_import.pk, state=self.file_import.state, lease_until=self.until
        ).update(lease_until=until, **changes)
        if held:
            self.until = until
        return held == 1

    def end(self, **changes: Any) -> bool:
        """Give it back, with these columns; False where it is no longer ours."""
        mine = FileImport.objects.filter(pk=self.file_import.pk, lease_until=self.until)
        return mine.update(lease_until=None, **changes) == 1


def take(file_import: FileImport, clock: Clock) -> Lease | None:
    """The lease, unless another worker holds it."""
    wall = clock.wall()
    until = wall + LEASE
    free = FileImport.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=wall), pk=file_import.pk, state=file_import.state
    )
    return Lease(file_import, clock, until) if free.update(lease_until=until) else None


def waiting() -> list[FileImport]:
    """Imports that have work left, the oldest first."""
    found = FileImport.objects.filter(state__in=WORKING).select_related("source__dataset", "workspace")
    return list(found.prefetch_related("source__dataset__fields").order_by("id"))
