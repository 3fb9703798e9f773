"""Taking a finished import back: what it changed gets its former values, what it created goes, where nobody needs it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.audit import record_audit
from datahub.imports import storage
from datahub.imports.intake import UNDOING, verdict_prefix
from datahub.imports.lease import Lease
from datahub.imports.undo_customers import forget_customers
from datahub.models import FileImport, Record, RecordEvent, SheetRow
from datahub.people.customers import hold_intake
from datahub.schema import STATUS
from datahub.tables import schema_of
from datahub.upsert import VISIT_FIELDS, change

Release = Callable[[Collection[int], datetime], set[int]]
"""Cancels what waits to be sent for these records; the ids of those that something was sent for, or may be being sent."""

CHUNK = 500


def undo(lease: Lease, deadline: datetime, release: Release) -> int:
    """Take back as much as there is time for; how much was done.

    What is still to be done is what still points at the import: a record or an event that was dealt with no longer does.
    So a killed undo goes on where it was.
    """
    done = 0
    while count := _some(lease, release):
        done += count
        if lease.clock.wall() >= deadline:
            lease.end()
            return done
    return done


def _some(lease: Lease, release: Release) -> int:
    """One stretch, in a transaction of its own; 0 when all is done or the import is no longer ours."""
    held = lease.until
    try:
        with transaction.atomic():
            if not lease.renew():
                return 0
            # A sheet must not name a person between our look and their removal.
            hold_intake(lease.file_import.workspace)
            count = _restore(lease) or _remove(lease, release) or _remove_verdicts(lease.file_import)
            if not count:
                _finish(lease)
    except BaseException:
        lease.until = held  # the renewal is rolled back with the rest
        raise
    return count


def _restore(lease: Lease) -> int:
    """Former values, field by field, where the import's own still stand; the newest change first."""
    file_import, now = lease.file_import, lease.clock.now()
    mine = RecordEvent.objects.filter(file_import=file_import, kind=RecordEvent.Kind.UPDATED)
    events = list(mine.order_by("-id")[:CHUNK])
    if not events:
        return 0
    ids = {event.record_id for event in events}
    said: dict[int, set[tuple[str, str]]] = defaultdict(set)
    found = Record.objects.filter(pk__in=ids).select_related("file_import")
    locked = found.select_for_update(of=("self",)).order_by("pk")
    records = {record.pk: record for record in locked}
    for record in records.values():
        said[record.customer_id].add(_person(record))
    written = [told for event in events if (told := _restored(records[event.record_id], event, lease, now))]
    changed = [record for record in records.values() if record.updated_at == now]
    Record.objects.bulk_update(changed, [*VISIT_FIELDS, "is_history"])
    RecordEvent.objects.bulk_create(written)
    RecordEvent.objects.filter(pk__in=[event.pk for event in events]).update(file_import=None)
    forget_customers(file_import, said, now)
    back = {event.record_id for event in written}
    _count(file_import, taken_back=len(back), kept=len(ids - back))
    return len(events)


def _restored(record: Record, event: RecordEvent, lease: Lease, now: datetime) -> RecordEvent | None:
    """The record put back in memory and the event that says so; None where somebody changed all of it since."""
    former = {key: old for key, (old, new) in event.changes.items() if record.values.get(key, "") == new}
    schema = schema_of(lease.file_import.source.dataset)
    completions, completed_at = record.completions, record.completed_at
    changes = change(record, record.values | former, schema=schema, now=now)
    if not changes:
        return None
    if STATUS in changes and record.completed_at == now:
        # It was done before: being done again is no new occasion to write.
        record.completions, record.completed_at = completions, completed_at or record.created_at
    if STATUS in changes and lease.file_import.is_history and not schema.is_done(record.status):
        # It was this file that made it an old visit: it is one no more, and may be written to when it is done.
        record.is_history = record.file_import.is_history if record.file_import else record.is_history
    return RecordEvent(
        workspace_id=record.workspace_id,
        record=record,
        kind=RecordEvent.Kind.UPDATED,
        changes=changes,
        actor=_actor(lease.file_import),
        at=now,
        handled_at=now,
    )


def _person(record: Record) -> tuple[str, str]:
    return record.values["customer_name"], record.values["phone"]


def _actor(file_import: FileImport) -> str:
    return f"{UNDOING}{file_import.name}"[:120]


def _remove(lease: Lease, release: Release) -> int:
    """Records that it created, unless a message left for them or somebody changed them since."""
    file_import, now = lease.file_import, lease.clock.now()
    mine = Record.objects.filter(file_import=file_import).order_by("id").select_for_update(of=("self",))
    records = list(mine.only("id", "customer_id", "values")[:CHUNK])
    if not records:
        return 0
    ids = [record.pk for record in records]
    later = RecordEvent.objects.filter(Q(file_import=None) | ~Q(file_import=file_import), record=OuterRef("pk"))
    touched = set(Record.objects.filter(Exists(later), pk__in=ids).values_list("pk", flat=True))
    stay = touched | release([pk for pk in ids if pk not in touched], now)
    Record.objects.filter(pk__in=stay).update(file_import=None)
    RecordEvent.objects.filter(record__in=stay, file_import=file_import).update(file_import=None)
    Record.objects.filter(pk__in=[pk for pk in ids if pk not in stay]).delete()
    said: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for record in records:
        said[record.customer_id].add(_person(record))
    forget_customers(file_import, said, now)
    _count(file_import, taken_back=len(ids) - len(stay), kept=len(stay))
    return len(ids)


def _remove_verdicts(file_import: FileImport) -> int:
    mine = SheetRow.objects.filter(source_id=file_import.source_id, row_id__startswith=verdict_prefix(file_import))
    ids: Sequence[int] = list(mine.values_list("pk", flat=True)[: 4 * CHUNK])
    SheetRow.objects.filter(pk__in=ids).delete()
    return len(ids)


def _count(file_import: FileImport, *, taken_back: int, kept: int) -> None:
    FileImport.objects.filter(pk=file_import.pk).update(taken_back=F("taken_back") + taken_back, kept=F("kept") + kept)


def _finish(lease: Lease) -> None:
    file_import, now = lease.file_import, lease.clock.now()
    lease.end(state=FileImport.State.UNDONE, ended_at=now, problem="")
    file_import.refresh_from_db(fields=["taken_back", "kept"])
    record_audit(
        workspace=file_import.workspace,
        actor=file_import.by,
        action="import.undone",
        subject=file_import.pk,
        now=now,
        taken_back=file_import.taken_back,
        kept=file_import.kept,
    )
    storage.remove(file_import)
