"""Promotion's quota ahead: each number with its formula."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zalo.forecast import (
    CareFacts,
    Formula,
    Idle,
    IdleStep,
    burn_down,
    earn_plan,
    forecast,
    look_back,
)
from integrations.zalo.policy import policy

RULES = policy("zalo-2026")
MARCH_16 = date(2026, 3, 16)


def care(**changes) -> CareFacts:
    """February brought 15,000; half of March is over."""
    start = {"on": MARCH_16, "last_month": 15_000, "so_far": 20_000, "today": 0, "planned": 5_000, "week": 7_000}
    return CareFacts(**{**start, **changes})


def test_lava_is_certain_of_ten_thousand_when_march_is_over() -> None:
    seen = forecast(RULES, care(on=date(2026, 3, 31), so_far=45_000, today=1_000, planned=0))
    assert seen.month == date(2026, 4, 1)
    assert seen.certain == Formula((15_000, 45_000), 6, 0, 10_000)
    assert seen.at_pace.result == 10_000


def test_there_are_three_numbers_and_each_has_its_terms() -> None:
    seen = forecast(RULES, care())
    assert seen.certain == Formula((15_000, 20_000), 6, 0, 5_833)
    assert seen.with_planned == Formula((15_000, 20_000, 5_000), 6, 0, 6_666)
    # 16 days are left, today among them, at 1,000 a day.
    assert seen.at_pace == Formula((15_000, 20_000, 16_000), 6, 0, 8_500)


def test_what_today_brought_is_not_expected_again() -> None:
    seen = forecast(RULES, care(so_far=20_400, today=400))
    assert seen.at_pace.terms == (15_000, 20_400, 15_600)


def test_the_first_month_of_promotion_gets_its_bonus() -> None:
    assert forecast(RULES, care(is_first_month=True)).certain == Formula((15_000, 20_000), 6, 10_000, 15_833)


@given(*[st.integers(0, 10**6)] * 4, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_nothing_expected_is_less_than_what_is_certain(last: int, so_far: int, planned: int, week: int, on: date):
    facts = CareFacts(on, last, so_far, so_far // 2, planned, week)
    seen = forecast(RULES, facts)
    assert seen.certain.result <= min(seen.with_planned.result, seen.at_pace.result)
    for formula in (seen.certain, seen.with_planned, seen.at_pace):
        assert formula.result == sum(formula.terms) // formula.divisor + formula.bonus


@pytest.mark.parametrize(("planned", "more"), [(0, 6), (1, 5), (5, 1), (6, 6)])
def test_so_many_more_care_messages_are_one_promotion_message(planned: int, more: int) -> None:
    facts = care(last_month=0, so_far=0, planned=planned)
    assert earn_plan(RULES, facts, []).until_next == more
    assert (
        forecast(RULES, care(last_month=0, so_far=more, planned=planned)).with_planned.result
        == forecast(RULES, facts).with_planned.result + 1
    )


def test_idle_steps_are_told_with_what_they_would_add_the_most_first() -> None:
    small = IdleStep(1, "Nhắc tái khám", "send-3", Idle.PAUSED, 60)
    large = IdleStep(2, "Hỏi thăm 7 ngày", "send-7", Idle.DRAFT, 1_200)
    plan = earn_plan(RULES, care(), [small, large])
    assert [(earner.step, earner.gain) for earner in plan.earners] == [(large, 200), (small, 10)]


def test_a_month_burns_down_against_an_even_line_and_runs_out_at_its_pace() -> None:
    # 20 a day from the 1st to the 15th leave 100: five more days.
    sent = {date(2026, 3, day): 20 for day in range(1, 16)}
    burned = burn_down(400, sent, MARCH_16)
    assert burned.runs_out_on == date(2026, 3, 20)
    assert [day.used for day in burned.days[:2]] == [20, 40]
    assert (burned.days[15].used, burned.days[16].used) == (300, None)
    assert (burned.days[0].ideal, burned.days[-1].ideal, len(burned.days)) == (12, 400, 31)
    assert burned.projected == 620


@pytest.mark.parametrize(
    ("limit", "per_day", "runs_out"),
    [
        (10_000, 20, None),
        (400, 0, None),
        (100, 20, date(2026, 3, 5)),
        (620, 20, date(2026, 3, 31)),
        (621, 20, None),
        (0, 0, date(2026, 3, 1)),
    ],
)
def test_the_day_it_runs_out(limit: int, per_day: int, runs_out: date | None) -> None:
    sent = {date(2026, 3, day): per_day for day in range(1, 16)}
    assert burn_down(limit, sent, MARCH_16).runs_out_on == runs_out


def test_on_the_first_there_is_no_pace_yet() -> None:
    burned = burn_down(100, {date(2026, 3, 1): 5, date(2026, 2, 28): 50}, date(2026, 3, 1))
    assert (burned.runs_out_on, burned.projected) == (None, 5)


def test_a_closed_month_is_laid_beside_what_was_forecast_on_its_first_day() -> None:
    january = {date(2026, 1, 1) + timedelta(days=n): 100 for n in range(31)}
    february = {date(2026, 2, 1) + timedelta(days=n): 200 for n in range(28)}
    seen = look_back(RULES, january | february, date(2026, 3, 1))
    assert seen.forecast == Formula((3_100, 0, 2_800), 6, 0, 983)
    assert seen.truth == Formula((3_100, 5_600), 6, 0, 1_450)
