"""A year of the chain, day by day, by a clock moved by hand; every day both sides' books are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest

from campaigns.guardfacts import promotion_month_quota
from campaigns.models import Campaign, Message, QuotaWindow
from campaigns.rounds import run_rounds
from campaigns.standing import watch
from campaigns.sums import campaign_sums
from campaigns.tick import run_tick
from integrations import clock as our_clock
from integrations import http as our_http
from integrations.http import Outcome, Reply
from integrations.models import OfficialAccount
from integrations.vietnam import at, local
from integrations.zalo import api
from sandbox import clock as their_clock
from sandbox import http as their_http
from sandbox.models import Account
from sandbox.models import Message as Arrived
from sandbox.zalo import faults, limits, outbox, posting, quota, receipts, services, standing, tallies
from tests.campaigns.story import HandClock
from tests.simulation.chain import Chain
from tests.wire import mount

# What Zalo may refuse although no rule told us: a person who has no Zalo, or has blocked the account, until we know.
UNKNOWABLE = {-118, -141, -124, -100, -32}
STOPS = tuple(time(hour, 1) for hour in (0, 8, 9, 11, 20))
BAD_DAYS = ("lost_answer", "http_429", "token_death", "http_500", "truncated_json", "receipt_duplicate", "undelivered")


@dataclass
class Findings:
    """What a simulated year came to; the lists are empty when all is well."""

    days: int = 0
    visits: int = 0
    sent: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    tiers: dict[str, list[int | None]] = field(default_factory=dict)
    gifts: int = 0

    @property
    def broken_rules(self) -> dict[int, int]:
        """Zalo's refusals for a rule that we could have known: code → how often."""
        return {code: count for code, count in self.refused.items() if code not in UNKNOWABLE}


class Alone:
    """A pool of one: this thread."""

    map = staticmethod(map)


def play_in_process(monkeypatch: pytest.MonkeyPatch, clock: HandClock, findings: Findings) -> None:
    """Both sides of the wire in this process, by the same clock; every refusal of a send is noted."""
    mount(monkeypatch, our_http.session(), their_http.session)
    monkeypatch.setattr(our_clock, "now", clock.now)
    monkeypatch.setattr(their_clock, "now", clock.now)
    monkeypatch.setattr(their_clock, "hold", lambda seconds: None)
    monkeypatch.setattr(our_clock, "wall", clock.wall)
    # SQLite in memory takes one connection at a time.
    monkeypatch.setattr(posting, "_pool", Alone())
    really = our_http.call

    def call(method: str, url: str, **asked: object) -> Outcome:
        outcome = really(method, url, **asked)  # type: ignore[arg-type]
        if url.endswith("/message/template") and isinstance(outcome, Reply) and (outcome.body or {}).get("error"):
            findings.refused[(outcome.body or {})["error"]] += 1
        return outcome

    monkeypatch.setattr(api, "call", call)


def live(chain: Chain, clock: HandClock, findings: Findings, *, days: int, a_branch: int) -> Iterator[date]:
    """Live `days` days from the clock's own on, and yield each when it is over."""
    first = local(clock.now()).date()
    for number in range(days):
        day = first + timedelta(days=number)
        _befall(chain, day, number, clock.now())
        for stop in STOPS:
            clock.moment = at(day, stop)
            if stop.hour == 0:
                _switch(chain, day)
            if stop.hour == 8:
                findings.visits += chain.visits(day, a_branch, clock.now())
            _turn(chain, clock)
        findings.days += 1
        _compare(chain, day, clock.now(), findings)
        yield day


def _switch(chain: Chain, day: date) -> None:
    """Zalo's own change of rules, at the same midnight as ours."""
    for account in chain.accounts:
        name = account.policy_on(day).removeprefix("zalo-")
        theirs = Account.objects.get(oa_id=account.oa_id)
        if theirs.policy != name:
            theirs.policy, theirs.allowed_tags = name, None
            theirs.save(update_fields=["policy", "allowed_tags"])
            quota.note_tags(theirs, limits.tags_allowed(name, theirs.daily_quota, None), at(day, time(0)))


def _befall(chain: Chain, day: date, number: int, now: datetime) -> None:
    """What goes wrong: a fault every fifth day, and now and then a week in which patients report."""
    if number % 5 == 4:
        kind = BAD_DAYS[number // 5 % len(BAD_DAYS)]
        faults.add(faults.parse({"kind": kind, "count": 3, "code": -100}))
    for index, patients in enumerate(chain.patients.values()):
        for place, (_, phone) in enumerate(patients[:6]):
            in_a_mood = index < 4 and number % 60 in range(40, 44) and place < 3
            services.set_habits(phone=phone, reports=in_a_mood)
        if number == 0:
            services.set_recipient(phone=patients[10][1], on_zalo=False)
            services.set_recipient(phone=patients[11][1], blocked=True)
            services.set_recipient(phone=patients[12][1], reachable=False)


def _turn(chain: Chain, clock: HandClock) -> None:
    """Whatever both sides do at this moment: Zalo's rounds and events, our engine, and once more what that caused."""
    now = clock.now()
    standing.run_hourly(now)
    outbox.post_due(now, 1_000)
    _enter_reports(chain, now)
    run_rounds(clock=clock)
    run_tick(clock=clock, budget_s=600)
    clock.advance(seconds=5)
    receipts.post_due(clock.now(), 5_000)
    run_tick(clock=clock, budget_s=600)


def _enter_reports(chain: Chain, now: datetime) -> None:
    """The admin reads the number of reports in Zalo's console and types it."""
    today = local(now).date()
    for account in chain.accounts:
        told = tallies.read(account.oa_id, since=today, until=today).reports([today])
        known = sum(account.report_counts.filter(day=today).values_list("count", flat=True))
        if more := told - known:
            watch.enter_reports(account=account, template=None, count=more, actor=None, now=now)


def _compare(chain: Chain, day: date, now: datetime, findings: Findings) -> None:
    """Tier, month's promotion and duplicates, on both sides."""
    for account in chain.accounts:
        account.refresh_from_db()
        theirs = Account.objects.get(oa_id=account.oa_id)
        rules = account.rules_on(day)
        held = _month_limit(account, now)
        month = promotion_month_quota(account, rules, now) if held is None else held
        ours_now = (account.daily_quota, month)
        theirs_now = (theirs.daily_quota, quota.promotion_month_limit(theirs, now))
        if ours_now != theirs_now:
            findings.differences.append(f"{day} {account.name}: ours {ours_now}, Zalo's {theirs_now}")
        findings.tiers.setdefault(account.name, []).append(account.daily_quota)


def _month_limit(account: OfficialAccount, now: datetime) -> int | None:
    key = f"zalo:{account.oa_id}:promo-month:{local(now):%Y-%m}"
    return QuotaWindow.objects.filter(key=key).values_list("limit", flat=True).first()


def settle_accounts(findings: Findings) -> None:
    """Duplicates, sums and totals at the end."""
    twice = Counter(Arrived.objects.exclude(tracking_id="").values_list("tracking_id", flat=True))
    findings.differences += [f"{name} went out {count} times" for name, count in twice.items() if count > 1]
    findings.differences += [
        f"{each}: sums do not close" for each in Campaign.objects.all() if not campaign_sums(each).closes
    ]
    arrived = set(Arrived.objects.values_list("tracking_id", flat=True))
    out = set(
        Message.objects.filter(state__in=["sent", "delivered", "undelivered", "unconfirmed"]).values_list(
            "tracking_id", flat=True
        )
    )
    findings.differences += [f"{name} arrived unknown to us" for name in arrived - out]
    findings.sent = len(arrived)
    findings.gifts = Arrived.objects.filter(tag=3).count()
