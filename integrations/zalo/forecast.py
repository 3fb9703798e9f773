"""PURE. What promotion quota a month will bring, how fast this month's is used, and what would earn more.

Every number comes with its formula, so that a page can show it: (15,000 + 45,000) / 6 = 10,000.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from integrations.vietnam import month_start
from integrations.zalo.policy import ZaloPolicy

# A pace is that of the last so many finished days: weekdays and the weekend are in it once each.
PACE_DAYS = 7


@dataclass(frozen=True)
class Formula:
    """`(terms added up) / divisor + bonus = result`, rounded down."""

    terms: tuple[int, ...]
    divisor: int
    bonus: int
    result: int


@dataclass(frozen=True)
class CareFacts:
    """What next month's quota is made from: tag 1 and 2 messages, by arrival on local days.

    `so_far` is this month's until now, `today` within it; `planned` those already scheduled until the month ends;
    `week` the last seven finished days'. `is_first_month` says next month would be the first with promotion.
    """

    on: date
    last_month: int
    so_far: int
    today: int
    planned: int
    week: int
    is_first_month: bool = False


@dataclass(frozen=True)
class Forecast:
    """Next month's promotion quota: from what arrived, with what is scheduled, and at the pace of the last week."""

    month: date
    certain: Formula
    with_planned: Formula
    at_pace: Formula


class Idle(StrEnum):
    """Why a send step that exists sends nothing."""

    PAUSED = "paused"
    DRAFT = "draft"
    NO_TEMPLATE = "no_template"
    TEMPLATE_OFF = "template_off"


@dataclass(frozen=True)
class IdleStep:
    """A care message that exists and does not go: `messages` is what it would send in a month, at most."""

    campaign_id: int
    campaign: str
    step: str
    why: Idle
    messages: int


@dataclass(frozen=True)
class Earner:
    """An idle step, and by how much next month's quota would be higher with it."""

    step: IdleStep
    gain: int


@dataclass(frozen=True)
class EarnPlan:
    """What would earn more: `until_next` more care messages are one promotion message, then one for every `per_one`."""

    until_next: int
    per_one: int
    earners: tuple[Earner, ...]


@dataclass(frozen=True)
class BurnDay:
    """One day's end: promotion used since the month began (None in the future) and where an even use would stand."""

    day: date
    used: int | None
    ideal: int


@dataclass(frozen=True)
class BurnDown:
    """A month's promotion quota day by day. `runs_out_on` None: at this pace it lasts.

    `projected` is what the same pace comes to by the end of the month, were there no limit.
    """

    limit: int
    days: tuple[BurnDay, ...]
    runs_out_on: date | None
    projected: int


@dataclass(frozen=True)
class Lookback:
    """What a closed month brought, next to what was forecast on its first day."""

    month: date
    forecast: Formula
    truth: Formula


def forecast(policy: ZaloPolicy, facts: CareFacts) -> Forecast:
    """Next month's promotion quota, three ways; each is at least the one that is certain."""

    def formula(*terms: int) -> Formula:
        return _formula(policy, terms, is_first_month=facts.is_first_month)

    rest = max(0, facts.week * _days_left(facts.on) // PACE_DAYS - facts.today)
    return Forecast(
        month=month_start(facts.on, 1),
        certain=formula(facts.last_month, facts.so_far),
        with_planned=formula(facts.last_month, facts.so_far, facts.planned),
        at_pace=formula(facts.last_month, facts.so_far, rest),
    )


def earn_plan(policy: ZaloPolicy, facts: CareFacts, idle: Sequence[IdleStep]) -> EarnPlan:
    """How to raise next month's quota, the most helpful first. Gains are over what is scheduled anyway."""
    divisor, total = policy.promotion.month_divisor, facts.last_month + facts.so_far + facts.planned
    earners = [Earner(step, (total + step.messages) // divisor - total // divisor) for step in idle]
    return EarnPlan(
        until_next=divisor - total % divisor,
        per_one=divisor,
        earners=tuple(sorted(earners, key=lambda earner: (-earner.gain, earner.step.campaign, earner.step.step))),
    )


def burn_down(limit: int, sent: Mapping[date, int], on: date) -> BurnDown:
    """This month's promotion quota as of the local day `on`; `sent` is day → promotion messages of that day."""
    first, length = month_start(on), _length(on)
    days, used = [], 0
    emptied: date | None = None
    for number in range(1, length + 1):
        day = first.replace(day=number)
        used += sent.get(day, 0)
        if emptied is None and used >= limit and day <= on:
            emptied = day
        days.append(BurnDay(day, used if day <= on else None, limit * number // length))
    return BurnDown(limit, tuple(days), emptied or _runs_out_on(limit, sent, on), _projected(sent, on))


def look_back(policy: ZaloPolicy, care: Mapping[date, int], month: date) -> Lookback:
    """The promotion quota of `month` (its first day): as the first morning of the month before it would have had it
    at the pace of that day, and as it came to be. `care` is day → tag 1 and 2 that arrived."""
    before = month_start(month, -1)
    last, own = _sum(care, month_start(month, -2), before), _sum(care, before, month)
    week = _sum(care, before - timedelta(days=PACE_DAYS), before)
    then = CareFacts(on=before, last_month=last, so_far=0, today=0, planned=0, week=week)
    return Lookback(month, forecast(policy, then).at_pace, _formula(policy, (last, own), is_first_month=False))


def _formula(policy: ZaloPolicy, terms: tuple[int, ...], *, is_first_month: bool) -> Formula:
    result = policy.month_quota(care_delivered=sum(terms), is_first_month=is_first_month)
    bonus = policy.promotion.first_month_bonus if is_first_month else 0
    return Formula(terms, policy.promotion.month_divisor, bonus, result)


def _runs_out_on(limit: int, sent: Mapping[date, int], on: date) -> date | None:
    """The day of this month on which the pace of its last finished days uses up what is left."""
    recent, days = _pace(sent, on)
    left = limit - _sum(sent, month_start(on), on)
    if not recent:
        return None
    # Rounded up: the day on which the last place goes. Today counts whole, as its own sends are part of the pace.
    needed = -(-left * days // recent)
    day = on + timedelta(days=needed - 1)
    return day if day < month_start(on, 1) else None


def _projected(sent: Mapping[date, int], on: date) -> int:
    """Where the month ends at that pace; today is what it was by now, or what the pace makes of it."""
    recent, days = _pace(sent, on)
    used, today = _sum(sent, month_start(on), on), sent.get(on, 0)
    return used + max(today, recent * _days_left(on) // days if days else 0)


def _pace(sent: Mapping[date, int], on: date) -> tuple[int, int]:
    """What was sent in the last finished days of this month, and how many days those are."""
    since = max(month_start(on), on - timedelta(days=PACE_DAYS))
    return _sum(sent, since, on), (on - since).days


def _sum(by_day: Mapping[date, int], start: date, end: date) -> int:
    return sum(count for day, count in by_day.items() if start <= day < end)


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _days_left(day: date) -> int:
    """Days of the month that are not over, today among them."""
    return _length(day) - day.day + 1
