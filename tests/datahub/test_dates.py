"""Dates as clinics type them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datahub.fields import FieldError, parse_date

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("21/11/2026", "2026-11-21"),
        ("1/2/2026", "2026-02-01"),
        ("1/2/26", "2026-02-01"),
        ("5/3/85", "1985-03-05"),
        ("21-11-2026", "2026-11-21"),
        ("21.11.2026", "2026-11-21"),
        ("2026-11-21", "2026-11-21"),
        ("2026/11/21 08:00:00", "2026-11-21"),
        ("21/11/2026 14:30", "2026-11-21"),
        ("21/11/2026, 2:30:00 CH", "2026-11-21"),
        ("14:30 21/11/2026", "2026-11-21"),
        ("8h 21/11/2026", "2026-11-21"),
        ("2026-11-21T14:30", "2026-11-21"),
        ("46347", "2026-11-21"),
        ("46347.604166", "2026-11-21"),
        ("46347,604166", "2026-11-21"),
        ("'21/11/2026", "2026-11-21"),
        (" 21/11/2026\u00a0", "2026-11-21"),
        ("29/02/2024", "2024-02-29"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_it_reads(typed, read):
    assert parse_date(typed, TODAY) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-11-20T16:59:59Z", "2026-11-20"),
        ("2026-11-20T17:00:00Z", "2026-11-21"),
        ("2026-11-20T17:00:00.000Z", "2026-11-21"),
        ("2026-11-21T00:00:00+07:00", "2026-11-21"),
        ("2026-11-21T01:00:00+09:00", "2026-11-20"),
        # Midnight in a Vietnam that was eight hours ahead: a birthday must not slip back a day.
        ("1970-01-01T16:00:00Z", "1970-01-02"),
    ],
)
def test_a_moment_with_a_time_zone_is_the_day_in_vietnam(typed, read):
    assert parse_date(typed, TODAY) == read


@pytest.mark.parametrize(
    ("typed", "code", "suggestion"),
    [
        ("11/25/2026", "us_order", "25/11/2026"),
        ("2/30/2026", "impossible", None),
        ("31/02/2026", "impossible", None),
        ("29/2/2025", "impossible", None),
        ("13/13/2026", "impossible", None),
        ("0/5/2026", "impossible", None),
        ("1/1/1900", "too_old", None),
        ("0", "too_old", None),
        ("30/12/1899", "too_old", None),
        ("21/11/2126", "too_far", None),
        ("21/11/2037", "too_far", None),
        ("999999", "too_far", None),
        ("21/11", "format", "21/11/2026"),
        ("21.11", "format", "21/11/2026"),
        ("21112026", "format", "21/11/2026"),
        ("ngày mai", "format", None),
        ("21 tháng 11", "format", None),
        ("99999999999999999999", "format", None),
        ("0001-01-01T00:00:00+14:00", "format", None),
        ("٢١/١١/٢٠٢٦", "format", None),
    ],
)
def test_it_says_what_is_wrong_and_what_was_perhaps_meant(typed, code, suggestion):
    outcome = parse_date(typed, TODAY)
    assert isinstance(outcome, FieldError)
    assert (outcome.code, outcome.suggestion) == (f"date.{code}", suggestion)
    assert outcome.message.startswith("“")


def test_ten_years_ahead_is_still_a_date():
    assert parse_date("21/11/2036", TODAY) == "2036-11-21"


@given(st.dates(min_value=date(1910, 1, 1), max_value=date(2036, 12, 31)))
def test_the_day_always_comes_before_the_month(day):
    assert parse_date(f"{day.day}/{day.month}/{day.year}", TODAY) == day.isoformat()
    assert parse_date(str((day - date(1899, 12, 30)) // timedelta(days=1)), TODAY) == day.isoformat()


@given(st.text(alphabet="0123456789/-.:TZ+ hHSA,", max_size=25) | st.text(max_size=15))
def test_whatever_is_typed_the_answer_is_a_day_an_error_or_nothing(typed):
    outcome = parse_date(typed, TODAY)
    if isinstance(outcome, str) and outcome:
        assert date.fromisoformat(outcome).year >= 1910


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31/02/2026", "tháng 2/2026 không có ngày 31, hãy sửa lại"),
        ("0/5/2026", "tháng 5/2026 không có ngày 0, hãy sửa lại"),
        ("2/30/2026", "không có tháng 30, hãy sửa lại"),
        ("1/1/0000", "không có năm 0, hãy sửa lại"),
    ],
)
def test_a_day_that_no_calendar_has_is_named(typed, said):
    outcome = parse_date(typed, TODAY)
    assert isinstance(outcome, FieldError)
    assert outcome.message == f"“{typed}”: {said}"


@pytest.mark.parametrize(("typed", "guess"), [("010126", "01/01/2026"), ("211126", None), ("07892.77151", None)])
def test_digits_that_begin_with_a_zero_are_no_serial_number(typed, guess):
    outcome = parse_date(typed, TODAY)
    assert isinstance(outcome, FieldError), outcome
    assert outcome.suggestion == guess
