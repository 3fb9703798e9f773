"""Looking a whole sheet over: what the doctor finds in it, compared with what the Data Hub has of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from datahub.doctor.connection import connection_findings
from datahub.doctor.diagnosis import diagnose
from datahub.doctor.snapshot import Connection, Facts, Finding, Snapshot
from datahub.models import Checkup, Record, SheetLink, SheetRow, Source
from datahub.pulses import script_state
from datahub.tables import schema_of
from integrations.vietnam import local

KEPT = 14
_AT_ONCE = 5000


def take(*, source: Source, snapshot: Snapshot, now: datetime, elsewhere: Collection[str] = ()) -> Checkup:
    """Examine a copy of the sheet, remember what was found, and forget all but the newest checkups. `now` is UTC.

    `elsewhere` are ids of rows that stand in other tabs: the sheet has them, though this copy does not.
    """
    facts = _facts(source, snapshot, elsewhere)
    found = diagnose(snapshot, schema_of(source.dataset), local(now).date(), facts)
    filled = sum(any(cell.strip() for cell in row.cells) for row in snapshot.rows)
    with transaction.atomic():
        checkup = Checkup.objects.create(
            source=source,
            at=now,
            rows=filled,
            headers=list(snapshot.headers),
            findings=[finding.as_json() for finding in found],
        )
        mine = Checkup.objects.filter(source=source)
        mine.exclude(pk__in=list(mine.order_by("-at", "-pk").values_list("pk", flat=True)[:KEPT])).delete()
    return checkup


def _facts(source: Source, snapshot: Snapshot, elsewhere: Collection[str]) -> Facts:
    """What the hub has of these rows: one query for every few thousand of its own."""
    in_sheet = {row.row_id for row in snapshot.rows}
    known: set[str] = set()
    gone: list[str] = []
    count = 0
    for row_id in _row_ids(source):
        if row_id in in_sheet:
            known.add(row_id)
        elif row_id not in elsewhere:
            count += 1
            if len(gone) < Finding.SHOWN:
                gone.append(row_id)
    places = SheetRow.objects.filter(source=source, row_id__in=gone).values_list("row_number", flat=True)
    return Facts(known=frozenset(known), only_in_hub=count, numbers=tuple(sorted(places)) if gone else ())


def _row_ids(source: Source) -> Iterator[str]:
    """The ids of every record of the source, along the index that keeps them apart."""
    mine = Record.objects.filter(source=source).order_by("row_id").values_list("row_id", flat=True)
    last = ""
    while chunk := list(mine.filter(row_id__gt=last)[:_AT_ONCE]):
        yield from chunk
        last = chunk[-1]


@dataclass(frozen=True)
class Report:
    """How a sheet stands: its connection as it is this moment, and its last checkup, if it had one."""

    connection: list[Finding]
    checkup: Checkup | None
    findings: list[Finding]
    earlier: list[Checkup]
    """The checkups before it, newest first."""

    @property
    def all(self) -> list[Finding]:
        """The connection's faults, then the sheet's: the gravest first among each."""
        return [*sorted(self.connection, key=_gravity), *sorted(self.findings, key=_gravity)]

    @property
    def count(self) -> int:
        """How many faults there are."""
        return len(self.connection) + len(self.findings)

    @property
    def tone(self) -> str:
        """The tone of the gravest."""
        return min(self.all, key=_gravity).tone if self.count else "ok"

    @property
    def is_healthy(self) -> bool:
        """Whether it was looked at and nothing was found."""
        return self.checkup is not None and not self.count


def _gravity(finding: Finding) -> int:
    return ("bad", "warn", "mute").index(finding.tone)


def latest(source: Source, wall_now: datetime) -> Report | None:
    """What is known of a sheet's health; None for a source that is no sheet. `wall_now` is the real time, in UTC."""
    if not source.is_sheet:
        return None
    checkups = list(Checkup.objects.filter(source=source).order_by("-at", "-pk")[:KEPT])
    newest = checkups[0] if checkups else None
    return Report(
        connection=list(connection_findings(_connection(source, wall_now))),
        checkup=newest,
        findings=[Finding.of(stored) for stored in newest.findings] if newest else [],
        earlier=checkups[1:],
    )


def _connection(source: Source, wall_now: datetime) -> Connection:
    if link := SheetLink.objects.filter(source=source).first():
        problem = link.problem if link.state == SheetLink.State.REFUSED else ""
        return Connection(is_script=False, problem=problem)
    if source.kind == Source.Kind.SHEETS:
        return Connection(is_script=False)
    state = script_state(source, wall_now)
    if state.pulse is None:
        return Connection(has_called=source.last_seen_at is not None)
    return Connection(
        silent_minutes=(wall_now - state.pulse.at) // timedelta(minutes=1),
        waiting=state.pulse.waiting,
        version=state.pulse.version,
        newer_version=state.newer_version,
    )
