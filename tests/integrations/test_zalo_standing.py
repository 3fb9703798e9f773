"""Zalo's ladder as its page tells it: steps, waits, the hourly penalty, and our brake before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.base import Brake, Tag
from integrations.zalo.policy import ZaloPolicy, policy
from integrations.zalo.standing import (
    Standing,
    Week,
    brake_for,
    brake_marks,
    judge,
    needed_for_step_up,
    next_judgement,
    penalise,
    reports_until_penalty,
    step_down,
    step_up,
    template_brake_for,
)

OLD, NEW = policy("zalo-2024"), policy("zalo-2026")
BOTH = {rules.name: rules for rules in (OLD, NEW)}
D = date(2026, 3, 1)
SETTLED = Standing(20_000, D - timedelta(days=100), D - timedelta(days=50))
GOOD, POOR = Week("HIGH", 40_000), Week("LOW", 40_000)
LADDERS = [
    ("zalo-2024", [500, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000]),
    ("zalo-2026", [1_000, 10_000, 20_000, 50_000, None]),
]


@pytest.mark.parametrize(("name", "steps"), LADDERS)
def test_the_ladder_goes_one_step_at_a_time_and_stops_at_its_ends(name: str, steps: list[int | None]) -> None:
    rules = BOTH[name]
    assert [step_up(rules, step) for step in steps] == [*steps[1:], steps[-1]]
    assert [step_down(rules, step) for step in steps] == [steps[0], *steps[:-1]]


@pytest.mark.parametrize(
    ("name", "quota", "up", "down"),
    [
        ("zalo-2024", 7_500, 10_000, 5_000),
        ("zalo-2024", 100, 500, 100),
        ("zalo-2024", 900_000, 900_000, 500_000),
        ("zalo-2024", None, None, 500_000),
        ("zalo-2026", 5_000, 10_000, 1_000),
        ("zalo-2026", 80_000, None, 50_000),
        ("zalo-2026", 500, 1_000, 500),
    ],
)
def test_a_quota_that_is_no_step_goes_to_the_nearest_one(name: str, quota: int | None, up: int | None, down: int):
    assert (step_up(BOTH[name], quota), step_down(BOTH[name], quota)) == (up, down)


@pytest.mark.parametrize(
    ("quality", "delivered", "after"),
    [
        ("HIGH", 40_000, 50_000),
        ("HIGH", 39_999, 20_000),
        ("MEDIUM", 400_000, 20_000),
        ("UNDEFINED", 400_000, 20_000),
        ("LOW", 400_000, 10_000),
        ("LOW", 0, 10_000),
    ],
)
@pytest.mark.parametrize("rules", BOTH.values(), ids=BOTH)
def test_quality_and_twice_the_quota_decide(rules, quality: str, delivered: int, after: int) -> None:
    judged = judge(rules, SETTLED, Week(quality, delivered), D)
    assert judged == (SETTLED if after == 20_000 else replace(SETTLED, daily_quota=after, changed_on=D))
    assert (judged is SETTLED) == (after == 20_000)


def test_an_unlimited_account_may_only_fall() -> None:
    top = replace(SETTLED, daily_quota=None)
    assert judge(NEW, top, Week("HIGH", 10**9), D) is top
    assert judge(NEW, top, POOR, D).daily_quota == 50_000
    assert penalise(NEW, top, 10**6, D) is top
    assert reports_until_penalty(NEW, None, 10**6) is None
    assert brake_for(NEW, None, 10**6) == Brake.NONE
    assert needed_for_step_up(NEW, None) is None


@pytest.mark.parametrize(("after_days", "is_judged"), [(0, False), (1, False), (7, False), (8, True), (9, True)])
def test_a_new_account_is_first_judged_on_d_plus_eight(after_days: int, is_judged: bool) -> None:
    new = Standing(20_000, D)
    today = D + timedelta(days=after_days)
    assert (judge(NEW, new, GOOD, today) is not new) == is_judged
    assert (judge(NEW, new, POOR, today) is not new) == is_judged
    assert next_judgement(NEW, new, today) == max(today, D + timedelta(days=8))


def test_an_account_that_never_sent_is_not_judged() -> None:
    silent = Standing(20_000, None)
    assert judge(NEW, silent, POOR, D) is silent
    assert next_judgement(NEW, silent, D) == D + timedelta(days=8)


@pytest.mark.parametrize(("after_days", "is_judged"), [(0, False), (6, False), (7, True)])
def test_every_change_is_followed_by_seven_days_of_waiting(after_days: int, is_judged: bool) -> None:
    changed = replace(SETTLED, changed_on=D)
    today = D + timedelta(days=after_days)
    assert (judge(OLD, changed, GOOD, today) is not changed) == is_judged


@pytest.mark.parametrize(
    ("quota", "at_most"), [(500, 10), (1_000, 20), (2_000, 40), (20_000, 400), (50_000, 1_000), (7_501, 150)]
)
def test_two_percent_in_reports_is_allowed_and_one_more_is_not(quota: int, at_most: int) -> None:
    rules = OLD
    account = replace(SETTLED, daily_quota=quota)
    assert penalise(rules, account, at_most, D) is account
    assert reports_until_penalty(rules, quota, at_most) == 1
    assert reports_until_penalty(rules, quota, 0) == at_most + 1
    assert reports_until_penalty(rules, quota, at_most + 5) == 0
    fallen = penalise(rules, account, at_most + 1, D)
    lower = step_down(rules, quota)
    assert fallen == (replace(account, daily_quota=lower, changed_on=D, penalised_on=D) if lower != quota else account)


def test_a_penalty_ignores_the_wait_and_starts_a_new_one() -> None:
    changed = replace(SETTLED, changed_on=D)
    fallen = penalise(NEW, changed, 401, D)
    assert fallen.daily_quota == 10_000
    assert next_judgement(NEW, fallen, D) == D + timedelta(days=7)


def test_there_is_one_penalty_a_local_day() -> None:
    once = penalise(NEW, SETTLED, 401, D)
    assert penalise(NEW, once, 10_000, D) is once
    assert penalise(NEW, once, 10_000, D + timedelta(days=1)).daily_quota == 1_000


@pytest.mark.parametrize(
    ("reports", "brake"),
    [
        (0, Brake.NONE),
        (100, Brake.NONE),
        (101, Brake.SLOW),
        (200, Brake.SLOW),
        (201, Brake.HOLD_PROMOTION),
        (300, Brake.HOLD_PROMOTION),
        (301, Brake.ONLY_TRANSACTION),
        (401, Brake.ONLY_TRANSACTION),
    ],
)
def test_the_brake_takes_hold_at_a_quarter_a_half_and_three_quarters(reports: int, brake: Brake) -> None:
    # 401 reports are the penalty of 20,000 a day.
    assert brake_for(NEW, 20_000, reports) == brake


@pytest.mark.parametrize(
    ("tag", "reports", "quality", "brake"),
    [
        (2, 50, "HIGH", Brake.NONE),
        (2, 51, "HIGH", Brake.SLOW),
        (2, 101, "UNDEFINED", Brake.HOLD_PROMOTION),
        (2, 151, "MEDIUM", Brake.ONLY_TRANSACTION),
        (2, 0, "LOW", Brake.SLOW),
        (3, 0, "LOW", Brake.HOLD_PROMOTION),
        (3, 151, "LOW", Brake.ONLY_TRANSACTION),
    ],
)
def test_a_template_is_held_at_half_of_that_or_when_zalo_calls_it_poor(tag: int, reports: int, quality: str, brake):
    found = template_brake_for(NEW, 20_000, tag=Tag(tag), reports_today=reports, quality=quality)
    assert found == brake


def test_where_each_brake_begins() -> None:
    assert brake_marks(NEW, 20_000) == [
        (Brake.SLOW, 101),
        (Brake.HOLD_PROMOTION, 201),
        (Brake.ONLY_TRANSACTION, 301),
    ]
    assert [reports for _, reports in brake_marks(NEW, 1)] == [1, 1, 1]


quotas = st.one_of(st.none(), st.integers(1, 600_000))
reports_of_a_day = st.integers(0, 20_000)


@given(st.sampled_from([OLD, NEW]), quotas, reports_of_a_day, reports_of_a_day)
def test_more_reports_never_loosen_the_brake(rules, quota: int | None, some: int, more: int) -> None:
    assert brake_for(rules, quota, some) <= brake_for(rules, quota, some + more)


@given(st.sampled_from([OLD, NEW]), st.integers(500, 600_000), reports_of_a_day)
def test_nothing_but_transactions_goes_before_the_penalty_comes(rules, quota: int, reports: int) -> None:
    if reports and reports_until_penalty(rules, quota, reports + 1) == 0:
        assert brake_for(rules, quota, reports) == Brake.ONLY_TRANSACTION


@dataclass(frozen=True)
class DayFacts:
    """One local day: the 7-day quality it began with, what arrived on it, and how many reports it ended with."""

    day: date
    quality: str
    delivered: int
    reports: int = 0


def replay(policy: ZaloPolicy, standing: Standing, days: Sequence[DayFacts]) -> list[Standing]:
    """How the account stands at the end of each of these days, which must follow one another.

    An account that had not sent yet first sends on the first of them on which something arrives.
    """
    week: deque[int] = deque(maxlen=policy.standing.window_days)
    stood = []
    for facts in days:
        standing = judge(policy, standing, Week(facts.quality, sum(week)), facts.day)
        if standing.first_sent_on is None and facts.delivered:
            standing = replace(standing, first_sent_on=facts.day)
        standing = penalise(policy, standing, facts.reports, facts.day)
        week.append(facts.delivered)
        stood.append(standing)
    return stood


histories = st.lists(
    st.tuples(st.sampled_from(["HIGH", "MEDIUM", "LOW", "UNDEFINED"]), st.integers(0, 60_000), reports_of_a_day),
    max_size=80,
)


@given(st.sampled_from([OLD, NEW]), quotas, histories)
def test_any_history_moves_step_by_step_and_waits_between(rules, quota: int | None, history) -> None:
    days = [DayFacts(D + timedelta(days=n), *facts) for n, facts in enumerate(history)]
    stood = [Standing(quota, None), *replay(rules, Standing(quota, None), days)]
    first = next((facts.day for facts in days if facts.delivered), None)
    judged_or_punished: list[date] = []
    for before, after, facts in zip(stood, stood[1:], days, strict=False):
        punished = after.penalised_on == facts.day
        if after.daily_quota == before.daily_quota:
            continue
        one_step = {step_up(rules, before.daily_quota), step_down(rules, before.daily_quota)}
        judged = judge(rules, before, Week(facts.quality, 10**9), facts.day) is not before
        assert after.daily_quota in one_step | {step_down(rules, step) for step in one_step if punished and judged}
        if not punished:
            assert first is not None
            assert facts.day >= first + timedelta(days=8)
            assert all(facts.day - day >= timedelta(days=7) for day in judged_or_punished[-1:])
        judged_or_punished.append(facts.day)


def test_a_quiet_good_account_climbs_every_week() -> None:
    days = [DayFacts(D + timedelta(days=n), "HIGH", 20_000) for n in range(23)]
    quotas_of = [standing.daily_quota for standing in replay(NEW, Standing(20_000, None), days)]
    # D+8: 140,000 of 40,000; a week on: 140,000 of 100,000, and then there is no limit.
    assert quotas_of == [20_000] * 8 + [50_000] * 7 + [None] * 8
