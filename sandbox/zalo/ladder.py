"""PURE. How an account climbs and falls on its ladder, and how good its sending is (domain §5, zalo-api §7).

A daily quota of None is unlimited. Days are Vietnam's.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

LADDERS: dict[str, tuple[int | None, ...]] = {
    "2024": (500, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000),
    "2026": (1_000, 10_000, 20_000, 50_000, None),
}
HIGH, MEDIUM, LOW, UNDEFINED = "HIGH", "MEDIUM", "LOW", "UNDEFINED"

WINDOW_DAYS = 7  # quality and deliveries are those of so many days
CURRENT_DAYS = 2  # the "current" quality of 48 hours: today and yesterday
WAIT = timedelta(days=7)  # after a change, before the next judgement
FIRST_JUDGED = timedelta(days=8)  # first send on D, first judged on D+8
UP_FACTOR = 2  # delivered in the window, in daily quotas
PENALTY_PERCENT = 2  # of the daily quota, in reports of one day; at exactly so many nothing happens yet
COUNTS_WITHIN = timedelta(hours=48)  # a report later than this after the receipt does not count

# Zalo calls HIGH what stays within "the system's standard" and LOW what passes "the limit allowed", and publishes
# neither; below 0.1 % it calls safe. The second is this sandbox's guess.
HIGH_UP_TO_PER_MILLE = 1
LOW_ABOVE_PER_MILLE = 10


@dataclass(frozen=True)
class Standing:
    """Where an account stands, and since when."""

    daily_quota: int | None
    first_sent_on: date | None
    changed_on: date | None
    penalised_on: date | None


def quality(reports: int, messages: int) -> str:
    """The word for so many reports on so many messages; UNDEFINED of none."""
    if messages < 1:
        return UNDEFINED
    if reports * 1000 <= messages * HIGH_UP_TO_PER_MILLE:
        return HIGH
    return LOW if reports * 1000 > messages * LOW_ABOVE_PER_MILLE else MEDIUM


def judge(policy: str, standing: Standing, *, quality: str, delivered: int, day: date) -> Standing:
    """The standing after the judgement at 00:00 of `day`, of the seven days before it; the same object if none moves."""
    if standing.first_sent_on is None or day < standing.first_sent_on + FIRST_JUDGED:
        return standing
    if standing.changed_on is not None and day < standing.changed_on + WAIT:
        return standing
    quota = standing.daily_quota
    if quality == LOW:
        return _at(standing, _below(policy, quota), day)
    if quality == HIGH and quota is not None and delivered >= UP_FACTOR * quota:
        return _at(standing, _above(policy, quota), day)
    return standing


def penalise(policy: str, standing: Standing, *, reports: int, day: date) -> Standing:
    """One step down on `day` when its reports pass 2 % of the daily quota; once a day, whatever the wait.

    An unlimited account has no 2 % to pass.
    """
    quota = standing.daily_quota
    if quota is None or standing.penalised_on == day or reports * 100 <= quota * PENALTY_PERCENT:
        return standing
    return replace(_at(standing, _below(policy, quota), day), penalised_on=day)


def _at(standing: Standing, quota: int | None, day: date) -> Standing:
    return standing if quota == standing.daily_quota else replace(standing, daily_quota=quota, changed_on=day)


def _below(policy: str, quota: int | None) -> int | None:
    """The next step down; the lowest step, and what lies under it, stays."""
    lower = [step for step in LADDERS[policy] if step is not None and (quota is None or step < quota)]
    return max(lower) if lower else quota


def _above(policy: str, quota: int) -> int | None:
    """The next step up; the highest stays."""
    higher = [step for step in LADDERS[policy] if step is not None and step > quota]
    if higher:
        return min(higher)
    return None if None in LADDERS[policy] else quota
