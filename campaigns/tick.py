"""One turn of the engine: a unit of each hop in order, until there is none, then rest. Whatever a lost bell missed is found here."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import connection
from django.db.models import Q

from campaigns import dispatch, enrollment, progress, receipts
from campaigns.models import TICK, Heartbeat, Message
from campaigns.states import CampaignState, MessageState
from integrations.base import Clock
from integrations.models import OfficialAccount

logger = logging.getLogger(__name__)

Duty = Callable[[], int]
# On SQLite a loop without pauses keeps the write lock from the web process for seconds.
SQLITE_PAUSE_S = 0.01
# The other duties ask the database some fifteen questions a round even when they have nothing to do.
BATCHES_A_TURN = 3


def run_tick(*, clock: Clock, budget_s: float) -> Counter[str]:
    """Do all the work that is due, or as much as fits in `budget_s` seconds; return how much each duty did.

    One unit of each duty in turn, so that a flood of one does not starve the others. What fails is logged and left out
    of this turn; the pulse is only written when all went well, so that /healthz raises the alarm.
    """
    deadline = time.monotonic() + budget_s
    done: Counter[str] = Counter()
    broken: set[str] = set()
    duties = _duties(clock, broken)
    while _round(duties, done, broken) and time.monotonic() < deadline:
        _pause()
    if not broken:
        Heartbeat.objects.update_or_create(name=TICK, defaults={"at": clock.wall()})
    return done


def _round(duties: dict[str, Duty], done: Counter[str], broken: set[str]) -> int:
    """One unit of every duty that is not broken; how much was done in all."""
    before = done.total()
    for name, duty in duties.items():
        if name not in broken:
            done[name] += _attempt(name, duty, broken)
    return done.total() - before


def _attempt(name: str, duty: Duty, broken: set[str]) -> int:
    try:
        return duty()
    except Exception:
        logger.exception("tick: %s failed", name)
        broken.add(name)
        return 0


def _duties(clock: Clock, broken: set[str]) -> dict[str, Duty]:
    size = settings.DISPATCH_BATCH
    return {
        "opened": lambda: enrollment.open_occurrences(now=clock.now()),
        "rescued": lambda: dispatch.rescue(clock=clock, limit=size),
        "receipts": lambda: receipts.apply(now=clock.now(), limit=size),
        "events": lambda: enrollment.enroll_from_events(now=clock.now(), limit=size),
        "enrolled": lambda: enrollment.enroll_from_occurrences(now=clock.now(), limit=size),
        "advanced": lambda: progress.advance(now=clock.now(), limit=size),
        "looked_at": lambda: _dispatch_round(clock, size, broken),
    }


def _dispatch_round(clock: Clock, size: int, broken: set[str]) -> int:
    """A few batches of each account in turn: a hot one does not hold up the others, nor does a broken one."""
    looked_at = 0
    for account_id in _accounts_with_work(clock):
        name = f"account {account_id}"
        if name not in broken:
            looked_at += _attempt(name, partial(_dispatch, account_id, clock, size), broken)
    return looked_at


def _dispatch(account_id: int, clock: Clock, size: int) -> int:
    account, total = OfficialAccount.objects.get(pk=account_id), 0
    for _ in range(BATCHES_A_TURN):
        looked_at = dispatch.dispatch(account=account, clock=clock, limit=size)
        total += looked_at
        if looked_at < size or account.rests(clock.wall()):
            break
    return total


def _accounts_with_work(clock: Clock) -> list[int]:
    due = Message.objects.filter(
        state=MessageState.SCHEDULED, due_at__lte=clock.now(), campaign__state=CampaignState.ACTIVE
    )
    resting = Q(rests_until__gt=clock.wall())
    able = OfficialAccount.objects.exclude(resting).filter(blocked_reason="", pk__in=due.values("account"))
    return list(able.values_list("pk", flat=True))


def _pause() -> None:
    if connection.vendor == "sqlite":
        time.sleep(SQLITE_PAUSE_S)
