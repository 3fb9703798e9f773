"""Whose turn it is among the linked sheets, and when it is again."""

from __future__ import annotations

import logging
import zlib
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from datahub import checkups
from datahub.doctor.sheet import ROW_ID
from datahub.doctor.snapshot import SnapRow, Snapshot
from datahub.linked import words
from datahub.linked.turn import Broken, Stuck, Trouble, Turn
from datahub.models import SheetLink, Source
from datahub.text import fold
from integrations.base import Clock
from integrations.google_sheets.pulse import is_checkup_due
from integrations.google_sheets.sheets_api import Later, Refused

logger = logging.getLogger(__name__)

_LONGEST_PROBLEM = 400  # what its column holds

# Longer than a turn whose every call takes as long as it may. Wall time.
LEASE = timedelta(minutes=10)
BUSY_EVERY, IDLE_EVERY = timedelta(minutes=1), timedelta(minutes=5)
IDLE_AFTER = timedelta(minutes=15)
REFUSED_EVERY, STUCK_EVERY = timedelta(minutes=30), timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
# Nothing of ours waits longer: what says so was written by a clock that has been put right since.
_FAR = 3 * LONGEST_WAIT
AT_ONCE = 200


def pull_due(*, clock: Clock, deadline: datetime) -> int:
    """Give every link that is due its turn, the longest waiting first, until `deadline` (wall time); how many had one."""
    due = SheetLink.objects.filter(_is_due(clock)).exclude(worksheet="").order_by("next_pull_at")
    turns = 0
    for pk in due.values_list("pk", flat=True)[:AT_ONCE]:
        if clock.wall() >= deadline:
            break
        turns += _turn_of(pk, clock)
    return turns


def _turn_of(pk: int, clock: Clock) -> bool:
    try:
        link = claim(pk, clock)
        if link:
            pull(link, clock)
    except Exception:
        # Not even its key or its outcome could be handled: it keeps its lease, and the neighbours their turn.
        logger.exception("link %s: no turn", pk)
        SheetLink.objects.filter(pk=pk).update(state=SheetLink.State.WAITING, problem=words.BROKEN)
        return False
    return link is not None


def _is_due(clock: Clock) -> Q:
    return Q(next_pull_at__lte=clock.now()) | Q(next_pull_at__gt=clock.now() + _FAR)


def claim(pk: int, clock: Clock) -> SheetLink | None:
    """The link, ours until the lease ends; None if it is not its turn, or another has it."""
    wall = clock.wall()
    free = Q(lease_until=None) | Q(lease_until__lte=wall) | Q(lease_until__gt=wall + 2 * LEASE)
    mine = SheetLink.objects.filter(free, _is_due(clock), pk=pk).exclude(worksheet="")
    if not mine.update(lease_until=wall + LEASE):
        return None
    return SheetLink.objects.select_related("source__dataset").get(pk=pk)


def checkup_now(*, source: Source, clock: Clock) -> bool:
    """Give the source's link its turn this moment and examine the sheet, whatever the hour; whether it was examined.

    Where it could not be read, the link says why; where it is being read by another just now, nothing is done.
    """
    link = SheetLink.objects.filter(source=source).first()
    if link is None:
        return False
    SheetLink.objects.filter(pk=link.pk, next_pull_at__gt=clock.now()).update(next_pull_at=clock.now())
    claimed = claim(link.pk, clock)
    return claimed is not None and _whole_turn(claimed, clock, is_asked=True)[1]


def pull(link: SheetLink, clock: Clock) -> Trouble | None:
    """A claimed link's turn, from the first question to Google to the time of the next; what was in its way."""
    return _whole_turn(link, clock, is_asked=False)[0]


def _whole_turn(link: SheetLink, clock: Clock, *, is_asked: bool) -> tuple[Trouble | None, bool]:
    """What was in its way, and whether the sheet was examined; `is_asked`: somebody wants that now."""
    turn, is_examined = Turn(link, clock), False
    trouble = turn.take()
    try:
        is_examined = _check_up(turn, clock.now(), is_asked)
    except Exception:
        logger.exception("link %s: the checkup failed", link.pk)
    _settle(turn, trouble, clock.now())
    return trouble, is_examined


def _check_up(turn: Turn, now: datetime, is_asked: bool) -> bool:
    """Once a night, or when asked, the whole sheet is compared with the hub; it has just been read."""
    source = turn.link.source
    is_wanted = bool(turn.grid) and (is_asked or is_checkup_due(source.last_checkup_at(), now))
    if is_wanted:
        checkups.take(source=source, snapshot=snapshot_of(turn), now=now)
    return is_wanted


def snapshot_of(turn: Turn) -> Snapshot:
    """The sheet as the turn last saw it, for the doctor."""
    headers = tuple(turn.grid[0])
    place = next((at for at, header in enumerate(headers) if fold(header) == fold(ROW_ID)), -1)
    rows = (
        SnapRow(number, cells[place].strip() if 0 <= place < len(cells) else "", tuple(cells))
        for number, cells in enumerate(turn.grid[1:], start=2)
        if any(cells)
    )
    return Snapshot(headers, tuple(rows), turn.tab.merged)


def _settle(turn: Turn, trouble: Trouble | None, now: datetime) -> None:
    """Write down how it went and give the lease back, if it is still ours."""
    changes = _went_well(turn, now) if trouble is None else _trouble(turn.link, trouble, now)
    if "problem" in changes:
        changes["problem"] = changes["problem"][:_LONGEST_PROBLEM]
    mine = SheetLink.objects.filter(pk=turn.link.pk, lease_until=turn.link.lease_until)
    mine.update(lease_until=None, **changes)


def _went_well(turn: Turn, now: datetime) -> dict[str, Any]:
    link, table = turn.link, turn.table
    digest = table.digest() if table else ""
    changed_at = now if digest != link.digest or turn.written else link.changed_at
    is_idle = changed_at is not None and now - changed_at >= IDLE_AFTER
    return {
        "state": SheetLink.State.WORKING,
        "problem": "",
        "failures": 0,
        "next_pull_at": now + (IDLE_EVERY if is_idle else BUSY_EVERY),
        "pulled_at": now,
        "changed_at": changed_at,
        "digest": digest,
        "headers": list(table.headers) if table else [],
        "gid": turn.tab.gid,
        "worksheet": turn.tab.title[:120],
    }


def _trouble(link: SheetLink, trouble: Trouble, now: datetime) -> dict[str, Any]:
    match trouble:
        case Later("paced", seconds):  # our own doing, and no trouble at all
            return {"next_pull_at": now + timedelta(seconds=seconds or 60)}
        case Refused(why):
            problem, wait = words.refused(why, link.client_email), REFUSED_EVERY
            return {"state": SheetLink.State.REFUSED, "problem": problem, "next_pull_at": now + wait}
        case Stuck(problem):
            return {"state": SheetLink.State.WAITING, "problem": problem, "next_pull_at": now + STUCK_EVERY}
        case Later(why, seconds):
            logger.warning("link %s: %s", link.pk, why)
            named = timedelta(seconds=min(seconds or 0, int(LONGEST_WAIT.total_seconds())))
            return _again(link, words.BUSY, max(backoff(link), named), now)
        case Broken():
            return _again(link, words.BROKEN, backoff(link), now)


def _again(link: SheetLink, problem: str, wait: timedelta, now: datetime) -> dict[str, Any]:
    failures = min(link.failures + 1, 30)
    state = SheetLink.State.WAITING
    return {"state": state, "problem": problem, "failures": failures, "next_pull_at": now + wait}


def backoff(link: SheetLink) -> timedelta:
    """Twice as long after each failure, up to an hour, and a quarter more or less so that neighbours part."""
    lot = zlib.crc32(f"{link.pk}:{link.failures}".encode()) / 2**32
    wait: timedelta = min(FIRST_WAIT * 2**link.failures, LONGEST_WAIT)
    return wait * (0.75 + lot / 2)
