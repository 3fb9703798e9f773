"""One turn of the engine: drain each hop in order, then rest. Whatever a lost bell missed is found here."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from campaigns import dispatch, enrollment, progress, receipts
from campaigns.models import Heartbeat, Message
from campaigns.states import MessageState
from integrations.base import Clock
from integrations.models import OfficialAccount

logger = logging.getLogger(__name__)

Duty = Callable[[], int]
# On SQLite a loop without pauses keeps the write lock from the web process for seconds.
SQLITE_PAUSE_S = 0.01


def run_tick(*, clock: Clock, budget_s: float) -> Counter[str]:
    """Do all the work that is due, or as much as fits in `budget_s` seconds; return how much each duty did.

    A duty that fails is logged and does not keep the others from theirs; the pulse is only written when all went well,
    so that /healthz raises the alarm.
    """
    deadline = time.monotonic() + budget_s
    done: Counter[str] = Counter()
    failed = 0
    for name, duty in _duties(clock):
        try:
            done[name] = _drain(duty, deadline)
        except Exception:
            logger.exception("tick: %s failed", name)
            failed += 1
    if not failed:
        Heartbeat.objects.update_or_create(name="tick", defaults={"at": clock.wall()})
    return done


def _duties(clock: Clock) -> list[tuple[str, Duty]]:
    size = settings.DISPATCH_BATCH
    return [
        ("opened", lambda: enrollment.open_occurrences(now=clock.now())),
        ("rescued", lambda: dispatch.rescue(clock=clock, limit=size)),
        ("receipts", lambda: receipts.apply(now=clock.now(), limit=size)),
        ("events", lambda: enrollment.enroll_from_events(now=clock.now(), limit=size)),
        ("enrolled", lambda: enrollment.enroll_from_occurrences(now=clock.now(), limit=size)),
        ("advanced", lambda: progress.advance(now=clock.now(), limit=size)),
        ("looked_at", lambda: _dispatch_round(clock, size)),
    ]


def _drain(duty: Duty, deadline: float) -> int:
    total = 0
    while time.monotonic() < deadline and (done := duty()):
        total += done
        _pause()
    return total


def _dispatch_round(clock: Clock, size: int) -> int:
    """Send one batch of each account in turn, so that a hot one does not hold up the others."""
    return sum(dispatch.dispatch(account=account, clock=clock, limit=size) for account in _accounts_with_work(clock))


def _accounts_with_work(clock: Clock) -> list[OfficialAccount]:
    due = Message.objects.filter(state=MessageState.SCHEDULED, due_at__lte=clock.now())
    return list(OfficialAccount.objects.filter(blocked_reason="", pk__in=due.values("account")))


def _pause() -> None:
    if connection.vendor == "sqlite":
        time.sleep(SQLITE_PAUSE_S)
