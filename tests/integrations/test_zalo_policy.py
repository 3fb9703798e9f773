"""Zalo's rules as their documents tell them."""

from __future__ import annotations

from datetime import datetime

import pytest

from integrations.base import AccountFacts, Claim, Deferral, Refusal, SendFacts, Tag
from integrations.vietnam import VIETNAM
from integrations.zalo import windows
from integrations.zalo.policy import policy, policy_names

NOON = datetime(2026, 11, 21, 12, tzinfo=VIETNAM)
CARED = datetime(2026, 11, 1, tzinfo=VIETNAM)


def claims(name: str, tag: Tag, *, quota: int | None = 20_000, now: datetime = NOON) -> dict[str, Claim]:
    """The windows one send takes a place in, by rule."""
    answer = policy(name).assess(
        AccountFacts("oa1", quota, promotion_month_quota=10_000),
        SendFacts(tag, "84912345678", last_care_delivered_at=CARED),
        now,
    )
    assert isinstance(answer, tuple), answer
    return {claim.rule: claim for claim in answer}


def test_there_is_a_policy_for_each_time() -> None:
    assert policy_names() == ["zalo-2024", "zalo-2026"]
    assert policy("zalo-2024").ladder == (500, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000)
    assert (policy("zalo-2024").start, policy("zalo-2026").start) == (5_000, 20_000)
    assert policy("zalo-2026").ladder == (1_000, 10_000, 20_000, 50_000, None)


@pytest.mark.parametrize("name", ["zalo-2024", "zalo-2026"])
def test_lava_fifteen_and_forty_five_thousand_make_ten_thousand(name: str) -> None:
    assert policy(name).month_quota(care_delivered=15_000 + 45_000, is_first_month=False) == 10_000


def test_the_month_quota_is_rounded_down_and_the_first_month_gets_its_bonus() -> None:
    assert policy("zalo-2026").month_quota(care_delivered=5, is_first_month=False) == 0
    assert policy("zalo-2026").month_quota(care_delivered=11, is_first_month=True) == 10_001


@pytest.mark.parametrize("tag", [Tag.TRANSACTION, Tag.CUSTOMER_CARE])
def test_care_takes_a_place_in_the_day_alone(tag: Tag) -> None:
    taken = claims("zalo-2024", tag)
    assert list(taken) == ["daily_quota"]
    assert taken["daily_quota"].key == "zalo:oa1:day:2026-11-21"
    assert taken["daily_quota"].ends_at == datetime(2026, 11, 22, tzinfo=VIETNAM)


def test_promotion_in_2024_takes_a_quarter_of_the_day() -> None:
    taken = claims("zalo-2024", Tag.PROMOTION)
    assert taken["promotion_day_quota"].limit == 5_000
    assert taken["user_month_quota"].limit == 4
    assert taken["promotion_month_quota"].ends_at == datetime(2026, 12, 1, tzinfo=VIETNAM)


def test_promotion_in_2026_has_no_share_of_the_day() -> None:
    assert set(claims("zalo-2026", Tag.PROMOTION)) == {
        "daily_quota",
        "promotion_month_quota",
        "user_day_quota",
        "user_month_quota",
    }


def test_an_unlimited_account_has_a_day_window_that_only_zalo_closes() -> None:
    assert claims("zalo-2026", Tag.CUSTOMER_CARE, quota=None)["daily_quota"].limit == windows.UNLIMITED


@pytest.mark.parametrize(("quota", "allowed"), [(500, False), (10_000, False), (20_000, True), (500_000, True)])
def test_in_2024_promotion_opens_at_twenty_thousand(quota: int, allowed: bool) -> None:
    facts = AccountFacts("oa1", quota, promotion_month_quota=100)
    answer = policy("zalo-2024").assess(facts, SendFacts(Tag.PROMOTION, "84", CARED), NOON)
    assert isinstance(answer, tuple) == allowed
    if not allowed:
        assert answer == Refusal("tag_not_entitled", {"daily_quota": quota, "needed": 20_000})


@pytest.mark.parametrize(
    ("last", "eligible"),
    [
        (None, False),
        (datetime(2026, 5, 20, 23, 59, tzinfo=VIETNAM), False),
        (datetime(2026, 5, 21, 0, 0, tzinfo=VIETNAM), True),
        (datetime(2026, 11, 21, 11, 0, tzinfo=VIETNAM), True),
    ],
)
def test_promotion_needs_care_delivered_in_six_months(last: datetime | None, eligible: bool) -> None:
    facts = AccountFacts("oa1", 20_000, promotion_month_quota=100)
    answer = policy("zalo-2026").assess(facts, SendFacts(Tag.PROMOTION, "84", last), NOON)
    assert isinstance(answer, tuple) == eligible


@pytest.mark.parametrize(
    ("hour", "minute", "until_day"),
    [(21, 59, None), (22, 0, 22), (23, 59, 22), (0, 0, 21), (5, 59, 21), (6, 0, None)],
)
def test_promotion_sleeps_from_ten_to_six(hour: int, minute: int, until_day: int | None) -> None:
    facts = AccountFacts("oa1", 20_000, promotion_month_quota=100)
    now = NOON.replace(hour=hour, minute=minute)
    answer = policy("zalo-2026").assess(facts, SendFacts(Tag.PROMOTION, "84", CARED), now)
    if until_day is None:
        assert isinstance(answer, tuple)
    else:
        assert isinstance(answer, Deferral)
        assert answer.until == datetime(2026, 11, until_day, 6, tzinfo=VIETNAM)


def test_two_accounts_count_apart_for_one_phone() -> None:
    send = SendFacts(Tag.PROMOTION, "84987654321", CARED)
    keys = {
        claim.key
        for oa in ("mia", "abc")
        for claim in policy("zalo-2026").assess(AccountFacts(oa, 20_000, 10), send, NOON)  # type: ignore[union-attr]
        if claim.rule == "user_month_quota"
    }
    assert len(keys) == 2
    assert not any("84987654321" in key for key in keys)


def test_a_quota_day_is_vietnams() -> None:
    before = claims("zalo-2026", Tag.CUSTOMER_CARE, now=datetime(2026, 11, 21, 23, 59, 59, tzinfo=VIETNAM))
    after = claims("zalo-2026", Tag.CUSTOMER_CARE, now=datetime(2026, 11, 22, 0, 0, tzinfo=VIETNAM))
    assert before["daily_quota"].key != after["daily_quota"].key
