"""Pure rules as tables: steps, schedules, hours, parameters."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from campaigns.definition import Definition, ScheduleTrigger
from campaigns.schedule import SendHours, next_run, runs
from campaigns.steps import Visit, first_send, render, run
from integrations.zalo.contract import ParamProblem, param_problems
from tests.campaigns.story import vn

DELAY = {"kind": "delay", "key": "w", "minutes": 120}
SEND = {"kind": "send", "key": "s", "template": 1}


def definition(*steps: dict[str, object]) -> Definition:
    return Definition.model_validate({"trigger": {"kind": "schedule"}, "steps": steps})


def visit(**values: str) -> Visit:
    return Visit(values, anchor_at=vn(21, 9), completed_at=vn(20, 15))


def test_a_delay_waits_to_the_second() -> None:
    flow = definition(DELAY, SEND)
    waiting = run(flow, position=0, visit=visit(), now=vn(21, 11) - timedelta(seconds=1))
    assert (waiting.position, waiting.sends, waiting.due_at) == (0, (), vn(21, 11))
    over = run(flow, position=0, visit=visit(), now=vn(21, 11))
    assert (over.position, over.due_at) == (2, None)
    assert [send.planned_at for send in over.sends] == [vn(21, 11)]


def test_two_delays_in_a_row_count_from_the_same_anchor() -> None:
    flow = definition(DELAY, {**SEND, "key": "s1"}, {**DELAY, "key": "w2", "minutes": 4320}, {**SEND, "key": "s2"})
    after_first = run(flow, position=0, visit=visit(), now=vn(21, 11))
    assert (after_first.position, after_first.due_at) == (2, vn(24, 9))
    after_second = run(flow, position=2, visit=visit(), now=vn(24, 9))
    assert [send.step.key for send in after_second.sends] == ["s2"]


@pytest.mark.parametrize(
    ("anchor", "values", "expected"),
    [
        ("enrolled", {}, vn(21, 11)),
        ("completed_at", {}, vn(20, 17)),
        ("next_visit_date", {"next_visit_date": "2026-11-25"}, vn(25, 11)),
        ("next_visit_date", {"next_visit_date": ""}, None),
        ("next_visit_date", {}, None),
    ],
)
def test_first_send_by_anchor(anchor: str, values: dict[str, str], expected: datetime | None) -> None:
    assert first_send(definition({**DELAY, "anchor": anchor}, SEND), visit(**values)) == expected


def test_a_missing_anchor_stops_and_names_the_field() -> None:
    progress = run(definition({**DELAY, "anchor": "next_visit_date"}, SEND), position=0, visit=visit(), now=vn(30))
    assert (progress.sends, progress.due_at, progress.anchor_missing) == ((), None, "next_visit_date")


def test_a_send_without_a_delay_is_planned_at_the_anchor() -> None:
    assert first_send(definition(SEND), visit()) == vn(21, 9)


def test_params_come_from_the_field_then_from_the_fixed_text() -> None:
    params = {
        "name": {"field": "customer_name"},
        "shop": {"field": "shop_name", "value": "Hoa Sen"},
        "x": {"value": "1"},
    }
    step = definition({**SEND, "params": params}).sends[0]
    assert render(step, {"customer_name": "Hoa", "shop_name": ""}) == {"name": "Hoa", "shop": "Hoa Sen", "x": "1"}


def test_two_steps_may_not_share_a_key() -> None:
    with pytest.raises(ValueError, match="key of its own"):
        definition(SEND, SEND)


@pytest.mark.parametrize(
    ("after", "expected"),
    [(vn(21, 8, 59), vn(21, 9)), (vn(21, 9), vn(22, 9)), (vn(21, 0), vn(21, 9)), (vn(30, 9), vn(1, 9, month=12))],
)
def test_next_daily_run(after: datetime, expected: datetime) -> None:
    assert next_run(ScheduleTrigger(), after=after) == expected


def test_weekdays_are_vietnams() -> None:
    monday_morning = ScheduleTrigger(at=time(1, 0), days=(0,))
    # 01:00 on Monday in Vietnam is still Sunday in UTC.
    assert next_run(monday_morning, after=vn(21)) == vn(23, 1)


def test_runs_of_a_stretch_are_each_day_once() -> None:
    assert list(runs(ScheduleTrigger(), after=vn(21, 9), until=vn(24, 9))) == [vn(22, 9), vn(23, 9), vn(24, 9)]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (vn(21, 6, 59), vn(21, 7)),
        (vn(21, 7), vn(21, 7)),
        (vn(21, 20, 59), vn(21, 20, 59)),
        (vn(21, 21), vn(22, 7)),
        (vn(21, 0), vn(21, 7)),
        (vn(30, 23), vn(1, 7, month=12)),
    ],
)
def test_send_hours(moment: datetime, expected: datetime) -> None:
    assert SendHours(time(7), time(21)).next_open(moment) == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("Hoa", None),
        ("", ParamProblem("n", "missing")),
        ("A" * 31, ParamProblem("n", "too_long", 30, 31)),
        # 30 letters that are 60 code points until they are composed.
        ("ê" * 30, None),
        ("H", ParamProblem("n", "too_short", 2, 1)),
    ],
)
def test_params_against_the_templates_own_limits(value: str, problem: ParamProblem | None) -> None:
    spec = [{"name": "n", "require": True, "maxLength": 30, "minLength": 2, "acceptNull": False}]
    assert param_problems(spec, {"n": value}) == ([problem] if problem else [])


def test_an_optional_parameter_may_be_empty() -> None:
    assert param_problems([{"name": "n", "require": False, "maxLength": 5}], {}) == []
