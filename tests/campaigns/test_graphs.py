"""Drawings stay inside their frame whatever the numbers."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import graphs
from integrations.zalo.forecast import burn_down


def test_a_bar_a_day_the_highest_to_the_top_and_an_unknown_day_empty() -> None:
    strip = graphs.columns([4, None, 0, 8])
    assert [(bar.x, bar.height) for bar in strip.bars] == [(1, 48), (31, 96)]
    assert (strip.width, strip.peak) == (40, 8)


def test_no_day_at_all_is_nothing_drawn() -> None:
    assert graphs.columns([None, 0]).bars == ()
    assert graphs.steps([None, None], [False, False]).line == ""


@pytest.mark.parametrize(
    ("quotas", "known", "line"),
    [
        ([10, 10, 20], [True] * 3, "M0 52H10V52H20V4H30"),
        ([10, None, 10], [True, False, True], "M0 4H10M20 4H30"),
        ([20, None], [True, True], "M0 24H10V4H20"),
    ],
)
def test_the_quota_is_a_line_of_steps_with_unlimited_above_all_and_gaps(quotas, known, line: str) -> None:
    assert graphs.steps(quotas, known).line == line


def test_zones_run_from_mark_to_mark_and_fill_up_to_the_count() -> None:
    scale = graphs.scale(50, [(25, "warn"), (100, "bad")])
    assert [(zone.x, zone.width, zone.tone) for zone in scale.zones] == [(0, 250, ""), (250, 750, "warn")]
    assert scale.filled.width == 500
    assert graphs.scale(0, [(25, "warn"), (100, "bad")]).filled.width == 0
    assert graphs.scale(900, [(100, "bad")]).filled.width == scale.width


def test_the_pace_leads_to_the_day_it_runs_out_or_to_the_months_end() -> None:
    sent = {date(2026, 11, day): 20 for day in range(1, 16)}
    ends = graphs.burn(burn_down(400, sent, date(2026, 11, 16)))
    assert ends.projected == "M160 28L200 4"
    lasts = graphs.burn(burn_down(800, sent, date(2026, 11, 16)))
    assert lasts.projected == "M160 64L300 28"
    assert lasts.ideal == "M0 100L300 4"


@given(
    st.integers(0, 50_000),
    st.dictionaries(st.dates(date(2026, 2, 1), date(2026, 2, 28)), st.integers(0, 3_000)),
    st.integers(1, 28),
)
def test_no_line_of_a_month_leaves_its_frame(limit: int, sent: dict[date, int], today: int) -> None:
    on = date(2026, 2, today)
    drawn = graphs.burn(burn_down(limit, {day: count for day, count in sent.items() if day <= on}, on))
    for path in (drawn.ideal, drawn.used, drawn.projected):
        for x, y in re.findall(r"(-?\d+) (-?\d+)", path):
            assert 0 <= int(x) <= drawn.width
            assert 0 <= int(y) <= drawn.height
