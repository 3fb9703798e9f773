"""What is done every minute or every hour rather than at once: asking Zalo, and watching where each account stands.

Apart from the tick, since Zalo is asked here: an answer that takes its time holds up no message.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from campaigns import outcome_cells, readings, receipts, status_poll
from campaigns.models import ROUNDS, Heartbeat
from campaigns.standing import watch
from integrations.base import Clock
from integrations.models import OfficialAccount
from integrations.vietnam import local
from integrations.zalo import sync, template_sync, tokens
from integrations.zalo.api import ZaloDidNotAnswer

logger = logging.getLogger(__name__)

# Less than the minute between two bells. What does not fit is found by the next one, the longest waiting first.
BUDGET = timedelta(seconds=40)
# Longer than one account's duties when Zalo is slow to answer; renewed before each. Wall time.
LEASE = timedelta(minutes=5)
# Messages asked about in a minute: over eighty thousand a day, should Zalo's webhook not reach us at all.
POLLED_AT_ONCE = 60
_HOURLY = "hourly: "
_LEASE_ROW = "rounds: held until"


def run_rounds(*, clock: Clock) -> Counter[str]:
    """Do what is due and return how much of each duty was done; nothing while another process is at it.

    What fails is logged and left for its next hour; the pulse is only written when nothing broke.
    """
    done: Counter[str] = Counter()
    lease = _Lease(clock)
    if not lease.take():
        return done
    try:
        _rounds(clock, lease, done)
    finally:
        lease.give_back()
    if not done["broken"]:
        Heartbeat.objects.update_or_create(name=ROUNDS, defaults={"at": clock.wall()})
    return done


def _rounds(clock: Clock, lease: _Lease, done: Counter[str]) -> None:
    deadline = clock.wall() + BUDGET
    _attempt("outcomes", lambda: outcome_cells.refresh(now=clock.now()), done)
    _attempt("polled", lambda: status_poll.poll(clock=clock, limit=POLLED_AT_ONCE), done)
    _attempt("forgotten", lambda: _forget(clock), done)
    for account, last in _accounts_due(clock.now()):
        if clock.wall() >= deadline or not lease.take():
            return
        # Before its duties: what makes this process die must not be met again every minute.
        if _claim(_hourly_row(account), last, clock.now()):
            _visit(account, clock, done)


def _forget(clock: Clock) -> int:
    return receipts.forget_events(now=clock.now(), limit=settings.DISPATCH_BATCH)


def _accounts_due(now: datetime) -> list[tuple[OfficialAccount, datetime | None]]:
    """Accounts not visited in this local hour, and when they last were: those never visited first, then the longest ago.

    Several hours missed in an outage are one visit: each looks at everything since.
    """
    rows = dict(Heartbeat.objects.filter(name__startswith=_HOURLY).values_list("name", "at"))
    last = {account: rows.get(_hourly_row(account)) for account in OfficialAccount.objects.order_by("id")}
    due = [(account, at) for account, at in last.items() if at is None or _hour(at) != _hour(now)]
    return sorted(due, key=lambda pair: (pair[1] is not None, pair[1] or now))


def _visit(account: OfficialAccount, clock: Clock, done: Counter[str]) -> None:
    """One account's hour. What Zalo tells comes first, so that it is judged by the newest; its own counts need no Zalo."""
    name = f"account {account.pk}"
    _attempt("refreshed", lambda: tokens.refresh_ahead(account, clock), done, name)
    # A second question to one who did not answer the first would only wait as long again.
    if _attempt("read", lambda: _read(account, clock), done, name):
        _attempt("synced", lambda: template_sync.sync_templates(account=account, clock=clock), done, name)
    _attempt("watched", lambda: watch.hourly(account, clock), done, name)
    _attempt("judged", lambda: watch.nightly(account, clock), done, name)


def _read(account: OfficialAccount, clock: Clock) -> None:
    reading = sync.read_account(account, clock)
    readings.apply_reading(account, reading, clock.now())


def _attempt(duty: str, work: Callable[[], object], done: Counter[str], whose: str = "all") -> bool:
    """One duty, counted by what it says it did, else as one. Its fault is said once and stays its own."""
    try:
        did = work()
    except ZaloDidNotAnswer as error:
        logger.warning("rounds: %s: Zalo did not answer %s: %s", whose, duty, error)
        done["unanswered"] += 1
        return False
    except Exception:
        logger.exception("rounds: %s: %s failed", whose, duty)
        done["broken"] += 1
        return False
    done[duty] += did if isinstance(did, int) else 1
    return True


def _hourly_row(account: OfficialAccount) -> str:
    return f"{_HOURLY}{account.pk}"


def _hour(moment: datetime) -> datetime:
    return local(moment).replace(minute=0, second=0, microsecond=0)


def _claim(name: str, last: datetime | None, now: datetime) -> bool:
    """Whether this visit is ours: nobody wrote the row since it was read."""
    if last is None:
        return Heartbeat.objects.get_or_create(name=name, defaults={"at": now})[1]
    return Heartbeat.objects.filter(name=name, at=last).update(at=now) == 1


class _Lease:
    """One runner at a time, across processes and machines, without a transaction that stays open: a row with an end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None

    def take(self) -> bool:
        """Take the lease, or go on holding it; False when another has it."""
        wall = self._clock.wall()
        until = wall + LEASE
        row = Heartbeat.objects.filter(name=_LEASE_ROW)
        if self._until is None:
            Heartbeat.objects.get_or_create(name=_LEASE_ROW, defaults={"at": wall})
            row = row.filter(at__lte=wall)
        else:
            row = row.filter(at=self._until)
        taken = row.update(at=until) == 1
        self._until = until if taken else None
        return taken

    def give_back(self) -> None:
        """Let the next one begin at once."""
        if self._until is not None:
            Heartbeat.objects.filter(name=_LEASE_ROW, at=self._until).update(at=self._clock.wall())
