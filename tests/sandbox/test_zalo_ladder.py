"""The ladder by the book: steps, waits, the 2 % and the words for quality. No database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sandbox.zalo import ladder
from sandbox.zalo.ladder import HIGH, LOW, MEDIUM, UNDEFINED, Standing, judge, penalise, quality

D = date(2026, 3, 1)
LONG_AGO = D - timedelta(days=100)


def standing(daily_quota=20_000, first=LONG_AGO, changed=None, penalised=None):
    return Standing(daily_quota, first, changed, penalised)


def steps(policy, word):
    """The ladder walked from one end to the other by one judgement a week."""
    seen = [ladder.LADDERS[policy][0 if word == HIGH else -1]]
    now = standing(seen[0])
    for week in range(12):
        now = judge(policy, now, quality=word, delivered=2_000_000, day=D + timedelta(days=7 * week))
        if now.daily_quota != seen[-1]:
            seen.append(now.daily_quota)
    return seen


@pytest.mark.parametrize(
    ("policy", "rungs"),
    [
        ("2024", [500, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000]),
        ("2026", [1_000, 10_000, 20_000, 50_000, None]),
    ],
)
def test_each_ladder_is_climbed_and_fallen_down_step_by_step(policy, rungs):
    assert steps(policy, HIGH) == rungs
    assert steps(policy, LOW) == rungs[::-1]


@pytest.mark.parametrize(
    ("word", "delivered", "after"),
    [
        (HIGH, 40_000, 50_000),
        (HIGH, 39_999, 20_000),
        (MEDIUM, 900_000, 20_000),
        (UNDEFINED, 0, 20_000),
        (LOW, 0, 10_000),
        (LOW, 900_000, 10_000),
    ],
)
def test_up_takes_high_quality_and_twice_the_quota_and_down_takes_low(word, delivered, after):
    assert judge("2026", standing(), quality=word, delivered=delivered, day=D).daily_quota == after


@pytest.mark.parametrize(("days_after", "after"), [(7, 20_000), (8, 50_000), (9, 50_000)])
def test_the_first_judgement_is_on_d_plus_8(days_after, after):
    new = standing(first=D)
    day = D + timedelta(days=days_after)
    assert judge("2026", new, quality=HIGH, delivered=40_000, day=day).daily_quota == after


@pytest.mark.parametrize(("days_after", "after"), [(6, 20_000), (7, 50_000)])
def test_seven_days_pass_after_a_change(days_after, after):
    changed = standing(changed=D)
    day = D + timedelta(days=days_after)
    assert judge("2026", changed, quality=HIGH, delivered=40_000, day=day).daily_quota == after


def test_an_account_that_never_sent_is_never_judged():
    assert judge("2026", standing(first=None), quality=LOW, delivered=0, day=D) == standing(first=None)


@pytest.mark.parametrize(
    ("reports", "after"), [(0, 20_000), (399, 20_000), (400, 20_000), (401, 10_000), (20_000, 10_000)]
)
def test_the_penalty_begins_past_two_percent(reports, after):
    assert penalise("2026", standing(), reports=reports, day=D).daily_quota == after


def test_a_penalty_asks_for_no_wait_but_begins_one():
    fallen = penalise("2026", standing(changed=D), reports=401, day=D)
    assert fallen == Standing(10_000, LONG_AGO, D, D)
    week = D + timedelta(days=6)
    assert judge("2026", fallen, quality=HIGH, delivered=99_000, day=week) == fallen


def test_one_penalty_a_day():
    fallen = penalise("2026", standing(), reports=5_000, day=D)
    assert penalise("2026", fallen, reports=9_000, day=D) == fallen
    assert penalise("2026", fallen, reports=9_000, day=D + timedelta(days=1)).daily_quota == 1_000


@pytest.mark.parametrize(("policy", "lowest"), [("2024", 500), ("2026", 1_000)])
def test_below_the_lowest_step_there_is_none(policy, lowest):
    assert penalise(policy, standing(lowest), reports=999, day=D) == replace(standing(lowest), penalised_on=D)
    assert judge(policy, standing(lowest), quality=LOW, delivered=0, day=D) == standing(lowest)


def test_without_a_limit_there_are_no_two_percent():
    assert penalise("2026", standing(None), reports=1_000_000, day=D) == standing(None)


@pytest.mark.parametrize(
    ("reports", "messages", "word"),
    [
        (0, 0, UNDEFINED),
        (0, 1, HIGH),
        (1, 1_000, HIGH),
        (2, 1_000, MEDIUM),
        (10, 1_000, MEDIUM),
        (11, 1_000, LOW),
        (1, 1, LOW),
    ],
)
def test_quality_by_report_rate(reports, messages, word):
    assert quality(reports, messages) == word
