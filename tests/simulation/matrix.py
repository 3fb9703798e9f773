"""The fault matrix: a misfortune befalls a small clinic, both sides live on until they rest, then their books are compared."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db.models import Min

from campaigns import activation, labels, tick
from campaigns.explain import reason_text
from campaigns.models import Message, QuotaWindow
from campaigns.recheck import CHUNK_PER_THREAD
from campaigns.rounds import run_rounds
from campaigns.states import CampaignState
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from integrations.models import InboundEvent, SmsAccount
from integrations.vietnam import local
from integrations.zalo import connect, tokens
from sandbox import clock as their_clock
from sandbox.models import Message as Arrived
from sandbox.models import Outbox, Sms
from sandbox.zalo import accounts, faults, outbox, receipts
from tests.campaigns.story import HandClock
from tests.simulation import year
from tests.simulation.small_clinic import OA, PHONES, PLACES, Clinic, Hop, patience, undone

LIVED = timedelta(days=3)
# When the admin looks at the pages.
LOOKED_AT_AFTER = timedelta(hours=3)
TURNS = 90
GOES_OUT = frozenset({S.SENT, S.DELIVERED, S.UNDELIVERED})
ENDED = GOES_OUT | {S.SKIPPED, S.CANCELLED, S.FAILED, S.UNCONFIRMED}
# Zalo's refusals by a window of the account: we asked for more than there was.
OVER = (-144, -1441, -147, -211)


class Killed(BaseException):
    """The worker is no more, in the middle of whatever it did."""


@dataclass(frozen=True)
class Misfortune:
    """What befalls the clinic: `befall` scripts it at a hop, or ties it to our own side for as long as the cell lasts.

    `blocks`: a person must act, and until then the account (or the SMS account) waits and says why.
    """

    name: str
    befall: Callable[[Clinic, Hop, pytest.MonkeyPatch], None]
    blocks: bool = False
    codes: tuple[int, ...] = ()


@dataclass
class Cell:
    """How one misfortune at one hop ended; the lists are empty when all is well."""

    states: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)

    @property
    def bad(self) -> list[str]:
        return [*self.lost, *self.twice, *self.over]

    def __str__(self) -> str:
        """Reached (or taken) / in doubt / refused or not delivered."""
        taken = self.states[S.DELIVERED] + self.states[S.SENT]
        refused = self.states[S.FAILED] + self.states[S.SKIPPED] + self.states[S.UNDELIVERED]
        return f"{taken}/{self.states[S.UNCONFIRMED]}/{refused}" + ("!" if self.bad else "")


def play(monkeypatch: pytest.MonkeyPatch, clock: HandClock) -> year.Findings:
    """Both sides in this process by one clock; an answer that is longer in coming than we wait costs that wait."""
    findings = year.Findings()
    year.play_in_process(monkeypatch, clock, findings)

    def hold(seconds: float) -> None:
        clock.advance(seconds=min(seconds, patience()))
        if seconds >= patience():
            raise ConnectionResetError("we waited no longer")

    monkeypatch.setattr(their_clock, "hold", hold)
    monkeypatch.setattr(tick, "SQLITE_PAUSE_S", 0)
    monkeypatch.setattr("integrations.patience.AGAIN_AFTER_S", (0, 0, 0))
    return findings


def cell(clinic: Clinic, hop: Hop, misfortune: Misfortune, findings: year.Findings) -> Cell:
    """Let it happen, live until both sides rest, mend what only a person can, live on, and compare; then undo it all."""
    findings.refused.clear()
    clinic.asked = 0
    found = Cell()
    with undone(clinic.clock), pytest.MonkeyPatch.context() as ours:
        misfortune.befall(clinic, hop, ours)
        start = clinic.clock.now()
        live(clinic, start + LOOKED_AT_AFTER, found)
        compare(clinic, found)
        found.lost += _left_after_the_stop(clinic)
        stopped = mend(clinic, found)
        if stopped != misfortune.blocks:
            found.lost.append(f"the account was {'' if stopped else 'not '}stopped")
        live(clinic, start + LIVED, found)
        compare(clinic, found)
        found.over += [*_unheld_places(Message.objects.all()), *_refusals(findings, misfortune)]
    return found


def live(clinic: Clinic, end: datetime, found: Cell) -> None:
    """From one due moment to the next, until nothing is due any more, or the time is over; each time places are counted."""
    pause = timedelta(seconds=30)
    for _ in range(TURNS):
        due = _next(clinic)
        if due is None or max(due, clinic.clock.now()) > end:
            return
        clinic.clock.moment = max(due, clinic.clock.now())
        _turn(clinic)
        found.over += [wrong for wrong in _short_of_places() if wrong not in found.over]
        again = _next(clinic)
        stuck = again is not None and again <= clinic.clock.now()
        pause = pause * 2 if stuck else timedelta(seconds=30)
        if stuck:
            clinic.clock.moment += pause


def _turn(clinic: Clinic) -> None:
    """The rounds and the tick, by a worker that may be killed; then Zalo posts, and the next worker takes over."""
    clock = clinic.clock
    with suppress(Killed):
        run_rounds(clock=clock)
    with suppress(Killed):
        tick.run_tick(clock=clock, budget_s=60)
    clock.advance(seconds=2)
    if receipts.post_due(clock.now(), 100) + outbox.post_due(clock.now(), 100):
        tick.run_tick(clock=clock, budget_s=60)


def _next(clinic: Clinic) -> datetime | None:
    """The next moment at which something is due on either side."""
    soonest = [
        Message.objects.filter(state__in=[S.LEASED, S.SENDING]).aggregate(at=Min("lease_until"))["at"],
        Message.objects.filter(state=S.SENT).aggregate(at=Min("poll_at"))["at"],
        Arrived.objects.aggregate(at=Min("receipt_due_at"))["at"],
        Outbox.objects.aggregate(at=Min("due_at"))["at"],
    ]
    if _may_send(clinic):
        soonest.append(Message.objects.filter(state=S.SCHEDULED).aggregate(at=Min("due_at"))["at"])
    if InboundEvent.objects.filter(applied_at=None).exists():
        soonest.append(clinic.clock.now() + timedelta(minutes=1))
    return min((at for at in soonest if at is not None), default=None)


def _may_send(clinic: Clinic) -> bool:
    clinic.account.refresh_from_db()
    clinic.campaign.refresh_from_db()
    return not clinic.account.blocked_reason and clinic.campaign.state == CampaignState.ACTIVE


def mend(clinic: Clinic, found: Cell) -> bool:
    """What a person does when the pages say that they must; whether there was anything to do."""
    clinic.account.refresh_from_db()
    blocked, paused = clinic.account.blocked_reason, clinic.campaign.state == CampaignState.PAUSED
    sms = SmsAccount.objects.exclude(blocked_reason="").first()
    faults.clear()
    if blocked:
        if blocked not in labels.BLOCKED:
            found.lost.append(f"no sentence for {blocked}")
        connect.unblock(clinic.account, actor=None, now=clinic.clock.now())
        _connect_again(clinic)
    if sms:
        if not reason_text(sms.blocked_reason, sms.blocked_facts):
            found.lost.append("no sentence for the SMS account")
        SmsAccount.objects.update(blocked_reason="", blocked_facts={})
    if paused:
        activation.activate(campaign=clinic.campaign, actor=None, now=clinic.clock.now())
    return bool(blocked or sms or paused)


def _connect_again(clinic: Clinic) -> None:
    """The admin presses “Kết nối lại” and agrees at Zalo."""
    now = clinic.clock.now()
    code = accounts.issue_code(oa_id=OA, now=now)
    form = {"app_id": clinic.account.app_id, "grant_type": "authorization_code", "code": code}
    pair = accounts.grant(form, secret_key=clinic.account.app_secret, now=now).body
    tokens.store(clinic.account, pair, clinic.clock)


def compare(clinic: Clinic, found: Cell) -> None:
    """Our books against Zalo's own tables."""
    messages = {message.record.phone: message for message in Message.objects.select_related("record")}
    at_zalo, now, is_held = _arrivals(), clinic.clock.now(), not _may_send(clinic)
    heard = set(Arrived.objects.filter(receipt_posted_at__isnull=False).values_list("tracking_id", flat=True))
    found.states = Counter(message.state for message in messages.values())
    found.twice += [f"{phone} got {count}" for phone, count in at_zalo.items() if count > 1]
    if len(messages) != len(PHONES) or Message.objects.count() != len(PHONES):
        found.lost.append(f"{len(messages)} messages of {len(PHONES)} visits")
    for phone, message in messages.items():
        wrong = _unexplained(message, now, is_held=is_held) or _untrue(message, at_zalo[phone])
        if not wrong and message.tracking_id in heard and message.state != S.DELIVERED:
            wrong = "its receipt was not heard"
        if wrong:
            found.lost.append(f"{phone} is {message.state} ({message.reason_code}): {wrong}")
    if not campaign_sums(clinic.campaign).closes:
        found.lost.append("sums do not close")


def _refusals(findings: year.Findings, misfortune: Misfortune) -> list[str]:
    """Windows of Zalo's that we ran into, although nobody scripted it."""
    return [
        f"Zalo answered {code} {count} times"
        for code, count in findings.refused.items()
        if code in OVER and code not in misfortune.codes
    ]


def _arrivals() -> Counter[str]:
    """Phone → how many messages were taken for it, by whatever way: Zalo's table and the SMS vendor's."""
    phones = {hashlib.sha256(phone.encode()).hexdigest(): phone for phone in PHONES}
    taken = Arrived.objects.values_list("phone", "phone_hash")
    sms = Sms.objects.values_list("phone", flat=True)
    return Counter([*(phone or phones[digest] for phone, digest in taken), *sms])


def _unexplained(message: Message, now: datetime, *, is_held: bool) -> str:
    """Why the message is at no end and waits for nothing that we could name."""
    waits = message.state == S.SCHEDULED
    if not waits and message.state not in ENDED:
        return "it rests in the middle"
    if waits and is_held:
        return ""  # the account or the campaign says why
    if waits and message.due_at <= now:
        return "it is due and nobody sends it"
    told = reason_text(message.reason_code, message.facts)
    return "" if told and "—" not in told else f"it has no whole sentence: {told!r}"


def _untrue(message: Message, at_zalo: int) -> str:
    """What we believe of the message and is not so at Zalo."""
    out = message.state in GOES_OUT
    if out and not at_zalo:
        return "Zalo never took it"
    if out or message.state == S.UNCONFIRMED:
        return ""
    if at_zalo:
        return "Zalo took it"
    return "it did not go out and holds places" if message.claims else ""


def _left_after_the_stop(clinic: Clinic) -> list[str]:
    """Sends beyond the chunk that was on its way when the campaign was paused, or the account blocked."""
    late = clinic.asked - 2 * CHUNK_PER_THREAD
    return [f"{late} left after the stop"] if late > 0 else []


def _short_of_places() -> list[str]:
    """Days on which Zalo took more than its quota, or more than we hold places for, at this very moment."""
    days = (local(at).date() for at in Arrived.objects.filter(tag__gt=0).values_list("sent_at", flat=True))
    used = {
        local(window.ends_at - timedelta(minutes=1)).date(): window.used
        for window in QuotaWindow.objects.filter(rule="daily_quota")
    }
    return [
        f"{day}: Zalo took {count} of {PLACES}, we hold {used.get(day, 0)} places"
        for day, count in Counter(days).items()
        if count > min(PLACES, used.get(day, 0))
    ]


def _unheld_places(messages: Iterable[Message]) -> list[str]:
    """Windows whose taken places are not those that messages hold."""
    held = Counter(key for message in messages for key in message.claims)
    return [
        f"{window.key}: {window.used} places taken, {held[window.key]} held"
        for window in QuotaWindow.objects.all()
        if window.used != held[window.key]
    ]


def table(cells: Mapping[tuple[str, str], Cell], hops: Sequence[str]) -> str:
    """Misfortune × hop: taken / in doubt / refused, and the three noughts at the end."""
    rows = list(dict.fromkeys(name for name, _ in cells))
    wide = max(map(len, rows), default=0)
    lines = [" " * wide + "".join(f"{hop:>9}" for hop in hops)]
    for row in rows:
        shown = (str(cells[row, hop]) if (row, hop) in cells else "·" for hop in hops)
        lines.append(f"{row:<{wide}}" + "".join(f"{each:>9}" for each in shown))
    sums = {name: sum(len(getattr(cell, name)) for cell in cells.values()) for name in ("lost", "twice", "over")}
    told = ", ".join(f"{name} {count}" for name, count in sums.items())
    return "\n".join([*lines, f"{len(cells)} cells: {told}"])
