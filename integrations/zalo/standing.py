"""PURE. Where an account stands on Zalo's ladder: when it steps up or down, and how near a penalty is.

The numbers live in `policies/*.yaml` under `standing` and `brake`; days are Vietnam's. `docs/standing.md` tells it in words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from integrations.base import Brake, Tag
from integrations.zalo.policy import ZaloPolicy

LOW = "LOW"


@dataclass(frozen=True)
class Standing:
    """What a judgement starts from and ends in. `daily_quota` None is unlimited.

    `first_sent_on` is day D; `changed_on` the day of the last step of any kind; `penalised_on` of the last penalty.
    """

    daily_quota: int | None
    first_sent_on: date | None
    changed_on: date | None = None
    penalised_on: date | None = None


@dataclass(frozen=True)
class Week:
    """The seven finished days before a judgement: Zalo's quality of them, and how many messages arrived."""

    quality: str
    delivered: int


def step_up(policy: ZaloPolicy, quota: int | None) -> int | None:
    """The next higher step of the ladder, also for a quota that is none of its steps; the same at the top."""
    if quota is None:
        return None
    higher = [step for step in policy.ladder if step is not None and step > quota]
    if higher:
        return min(higher)
    return None if None in policy.ladder else quota


def step_down(policy: ZaloPolicy, quota: int | None) -> int | None:
    """The next lower step of the ladder, also for a quota that is none of its steps; the same at the bottom."""
    lower = [step for step in policy.ladder if step is not None and (quota is None or step < quota)]
    return max(lower) if lower else quota


def next_judgement(policy: ZaloPolicy, standing: Standing, today: date) -> date:
    """The first day, `today` or later, on which the account may be moved for its quality.

    One that has not sent yet is told the earliest: as if it first sent today.
    """
    rules = policy.standing
    earliest = (standing.first_sent_on or today) + timedelta(days=rules.first_judged_after_days)
    if standing.changed_on is not None:
        earliest = max(earliest, standing.changed_on + timedelta(days=rules.wait_days))
    return max(earliest, today)


def needed_for_step_up(policy: ZaloPolicy, daily_quota: int | None) -> int | None:
    """How many messages must arrive within the window for a step up; None where there is no higher step."""
    if daily_quota is None or step_up(policy, daily_quota) == daily_quota:
        return None
    return policy.standing.up_factor * daily_quota


def judge(policy: ZaloPolicy, standing: Standing, week: Week, today: date) -> Standing:
    """The daily judgement on the morning of `today`: one step at most; the same object when nothing changes."""
    if next_judgement(policy, standing, today) > today:
        return standing
    rules, quota = policy.standing, standing.daily_quota
    needed = needed_for_step_up(policy, quota)
    after = quota
    if week.quality == rules.down_quality:
        after = step_down(policy, quota)
    elif week.quality == rules.up_quality and needed is not None and week.delivered >= needed:
        after = step_up(policy, quota)
    return standing if after == quota else replace(standing, daily_quota=after, changed_on=today)


def penalise(policy: ZaloPolicy, standing: Standing, reports_today: int, today: date) -> Standing:
    """The hourly check: too many reports today are one step down at once, once a local day, whatever the wait."""
    if standing.penalised_on == today or not penalty_due(policy, standing.daily_quota, reports_today):
        return standing
    after = step_down(policy, standing.daily_quota)
    if after == standing.daily_quota:
        return standing
    return replace(standing, daily_quota=after, changed_on=today, penalised_on=today)


def penalty_due(policy: ZaloPolicy, daily_quota: int | None, reports_today: int) -> bool:
    """Whether so many reports on one day are more than Zalo lets pass. Never for an unlimited account: 2 % of what?"""
    return reports_until_penalty(policy, daily_quota, reports_today) == 0


def reports_until_penalty(policy: ZaloPolicy, daily_quota: int | None, reports_today: int) -> int | None:
    """How many more reports today bring the penalty; 0 when they are there, None for an unlimited account."""
    if daily_quota is None:
        return None
    return max(0, _bringing_penalty(policy, daily_quota) - max(0, reports_today))


def brake_for(policy: ZaloPolicy, daily_quota: int | None, reports_today: int) -> Brake:
    """How far to hold back: by the share of the reports that bring a penalty which are here already."""
    if daily_quota is None:
        return Brake.NONE
    begun = [brake for brake, reports in brake_marks(policy, daily_quota) if reports_today >= reports]
    return max(begun, default=Brake.NONE)


def brake_marks(policy: ZaloPolicy, daily_quota: int) -> list[tuple[Brake, int]]:
    """Each brake with the number of reports on one day that begins it, the mildest first."""
    rules, penalty = policy.brake, _bringing_penalty(policy, daily_quota)
    percents = {
        Brake.SLOW: rules.slow_at_percent,
        Brake.HOLD_PROMOTION: rules.hold_promotion_at_percent,
        Brake.ONLY_TRANSACTION: rules.only_transaction_at_percent,
    }
    return [(brake, max(1, math.ceil(_exact(percent) * penalty / 100))) for brake, percent in percents.items()]


def template_brake_for(
    policy: ZaloPolicy, daily_quota: int | None, *, tag: Tag, reports_today: int, quality: str
) -> Brake:
    """How far to hold one template back: at half the reports that hold the whole account, and when Zalo calls it LOW.

    A template stays LOW for days: promotion waits, but care is only slowed, or its patients would hear nothing at all.
    """
    own = brake_for(policy, daily_quota, 2 * reports_today)
    if quality != LOW:
        return own
    return max(own, Brake.HOLD_PROMOTION if tag == Tag.PROMOTION else Brake.SLOW)


def _bringing_penalty(policy: ZaloPolicy, daily_quota: int) -> int:
    """The smallest number of reports that is more than the allowed share of the daily quota."""
    return int(_exact(policy.standing.penalty_percent) * daily_quota / 100) + 1


def _exact(percent: float) -> Fraction:
    # Of the number as it is written: 0.1 % of 30,000 is 30, not a little more.
    return Fraction(str(percent))
