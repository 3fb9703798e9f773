"""The sandbox's pure rules, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox import vietnam
from sandbox.zalo import events, limits, params, phones


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("84912345678", "84912345678"),
        ("+84912345678", "84912345678"),
        ("0912345678", "84912345678"),
        ("912345678", "84912345678"),
        ("841234567", "84841234567"),  # nine digits that begin with 84
        ("02873000000", None),
        ("0212345678", None),
        ("091234567", None),
        ("09123456789", None),
        ("0912 345 678", None),
        ("٠٩١٢٣٤٥٦٧٨", None),
        ("", None),
    ],
)
def test_phones(typed, number):
    assert phones.canonical(typed) == number


@pytest.mark.parametrize(
    ("utc", "night"),
    [("14:59:59", False), ("15:00:00", True), ("22:59:59", True), ("23:00:00", False), ("05:00:00", False)],
)
def test_night_is_22_to_6_in_vietnam(utc, night):
    assert vietnam.is_night(datetime.fromisoformat(f"2026-11-21T{utc}+00:00")) is night


def test_days_and_months_turn_at_midnight_in_vietnam():
    before, after = datetime(2026, 11, 30, 16, 59, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert (vietnam.day_key(before), vietnam.day_key(after)) == ("2026-11-30", "2026-12-01")
    assert (vietnam.month_key(before), vietnam.month_key(after)) == ("2026-11", "2026-12")
    assert [vietnam.month_key(after, back) for back in (1, 11, 12, 13)] == ["2026-11", "2026-01", "2025-12", "2025-11"]


@pytest.mark.parametrize(
    ("utc", "to", "seconds"),
    [
        ("2026-11-21T02:00:00", "09:00", 86_400),  # it is 09:00 now: the next one
        ("2026-11-21T01:59:30", "09:00", 30),
        ("2026-11-21T05:00:00", "9:00", 75_600),
        ("2026-11-21T05:00:00", "24:00", None),
        ("2026-11-21T05:00:00", "chín giờ", None),
    ],
)
def test_seconds_until(utc, to, seconds):
    assert vietnam.seconds_until(datetime.fromisoformat(f"{utc}+00:00"), to) == seconds


@pytest.mark.parametrize(
    ("day", "earlier"), [("2026-08-31", "2026-02-28"), ("2026-11-21", "2026-05-21"), ("2026-03-15", "2025-09-15")]
)
def test_six_months_before(day, earlier):
    assert f"{vietnam.months_before(datetime.fromisoformat(f'{day}T12:00+07:00'), 6):%Y-%m-%d}" == earlier


@pytest.mark.parametrize(
    ("policy", "daily", "chosen", "tags"),
    [
        ("2024", 10_000, None, [1, 2]),
        ("2024", 20_000, None, [1, 2, 3]),
        ("2024", None, None, [1, 2, 3]),
        ("2026", 1_000, None, [1, 2, 3]),
        ("2026", 20_000, [1], [1]),
        ("2026", 20_000, [], []),
    ],
)
def test_tags_allowed(policy, daily, chosen, tags):
    assert limits.tags_allowed(policy, daily, chosen) == tags


@pytest.mark.parametrize(
    ("delivered", "first", "fixed", "limit"),
    [(60_000, False, None, 10_000), (5, False, None, 0), (11, True, None, 10_001), (60_000, True, 7, 7)],
)
def test_promotion_month_limit(delivered, first, fixed, limit):
    assert limits.promotion_month_limit(delivered, first_month=first, fixed=fixed) == limit


@pytest.mark.parametrize(
    ("policy", "daily", "limit"), [("2024", 50_003, 12_500), ("2024", None, None), ("2026", 20_000, None)]
)
def test_promotion_day_limit(policy, daily, limit):
    assert limits.promotion_day_limit(policy, daily) == limit


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("STRING", "Hoa", None),
        ("STRING", "ễ" * 10, None),
        ("STRING", "e\u0302\u0303" * 10, None),  # the same ten letters, decomposed: 30 code points
        ("STRING", "a" * 11, -1121),
        ("STRING", "", -1122),
        ("STRING", None, -1122),
        ("STRING", ["Hoa"], -1124),
        ("STRING", True, -1124),
        ("NUMBER", -12.5, None),
        ("NUMBER", "1.000,5", -1124),
        ("CURRENCY", "250000", None),
        ("CURRENCY", "250.000", -1124),
        ("CURRENCY", "0", -1124),
        ("DATE", "21/11/2026", None),
        ("DATE", "2026-11-21", -1124),
        ("BANK_TRANSFER_NOTE", "KH001 nop", None),
        ("BANK_TRANSFER_NOTE", "KH#1", -1124),
    ],
)
def test_one_parameter(kind, value, code):
    problem = params.first_problem({"x": value}, [{"name": "x", "require": True, "type": kind, "maxLength": 10}])
    assert (problem or {"error": None})["error"] == code


@pytest.mark.parametrize(
    ("data", "known", "code"),
    [
        ({}, [{"name": "x"}], -111),
        (None, [{"name": "x"}], -111),
        ("x", [{"name": "x"}], -112),
        (None, [], None),
        ({"x": "1", "more": "2"}, [{"name": "x"}], None),
        ({"y": "1"}, [{"name": "x"}], -1122),
        ({"y": "1"}, [{"name": "x", "require": False}], None),
        ({"x": "", "y": "1"}, [{"name": "x", "acceptNull": True}], None),
    ],
)
def test_template_data(data, known, code):
    assert (params.first_problem(data, known) or {"error": None})["error"] == code


def test_the_text_of_a_refusal_names_the_parameter_as_zalo_does():
    problem = params.first_problem({"customer_name": "a" * 31}, [{"name": "customer_name", "maxLength": 30}])
    assert problem == {"error": -1121, "message": "template data customer_name is break max length"}


def test_sample_data_fits_its_own_template():
    known = [
        {"name": f"p{n}", "type": kind, "maxLength": 20}
        for n, kind in enumerate(("STRING", "NUMBER", "DATETIME", "CURRENCY"))
    ]
    assert params.first_problem(params.sample(known), known) is None


def test_filled_replaces_what_it_knows():
    assert params.filled("Chào <name>, mã <id>", {"name": "<id>"}) == "Chào <id>, mã "


def test_signature_is_a_plain_hash_of_the_four_parts():
    # sha256("app1" + '{"a":1}' + "17" + "key"), worked out with coreutils
    assert (
        events.signature("app1", b'{"a":1}', "17", "key")
        == "21f09c93ac913f14df2d4341be0f4c9d50634046b0f93662b63c10133dada090"
    )


def test_five_retries_then_never():
    now = datetime(2026, 11, 21, tzinfo=UTC)
    waits = [events.next_try(attempt, now) for attempt in range(1, 7)]
    assert waits == [*(now + timedelta(seconds=s) for s in (30, 300, 900, 1800, 3600)), None]
