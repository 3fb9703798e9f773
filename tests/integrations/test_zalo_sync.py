"""Reading an account at Zalo: numbers as text, nulls, old names and refusals, and never a guess."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import requests
import responses
from django.conf import settings

from accounts.models import Workspace
from integrations.models import OfficialAccount
from integrations.zalo.api import ZaloDidNotAnswer
from integrations.zalo.sync import AccountReading, read_account
from tests.campaigns.story import HandClock, make_account, vn

QUOTA = {
    "dailyQuota": 500,
    "remainingQuota": 499,
    "dailyQuotaPromotion": None,
    "remainingQuotaPromotion": None,
    "monthlyPromotionQuota": 125,
    "remainingMonthlyPromotionQuota": 124,
    "estimatedNextMonthPromotionQuota": 2000,
}
QUALITY = {"oaCurrentQuality": "HIGH", "oa7dayQuality": "MEDIUM"}
OA = {"oa_id": "1", "package_name": "Nâng cao", "package_valid_through_date": "31/12/2026"}
PATHS = {
    "quota": f"{settings.ZALO_BUSINESS_BASE}/message/quota",
    "quality": f"{settings.ZALO_BUSINESS_BASE}/quality",
    "tags": f"{settings.ZALO_BUSINESS_BASE}/message/template-tag",
    "oa": f"{settings.ZALO_OPENAPI_BASE}/v2.0/oa/getoa",
}
REFUSED = {"error": -138, "message": "App does not have permission"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock(vn(21, 11))


@pytest.fixture
def account(workspace: Workspace, clock: HandClock) -> OfficialAccount:
    """Connected, with twenty hours left on its token."""
    return make_account(workspace, access_token="token-1", token_expires_at=clock.now() + timedelta(hours=20))


def zalo_says(**parts: Any) -> None:
    """Zalo's four answers, each `data` of a success unless it is a whole refusal."""
    told = {"quota": QUOTA, "quality": QUALITY, "tags": ["TRANSACTION", "CUSTOMER_CARE"], "oa": OA, **parts}
    for name, data in told.items():
        whole = data if isinstance(data, dict) and "error" in data else {"error": 0, "message": "Success", "data": data}
        responses.add(responses.GET, PATHS[name], json=whole)


def read(account: OfficialAccount, clock: HandClock, **parts: Any) -> AccountReading:
    zalo_says(**parts)
    return read_account(account, clock)


@responses.activate
def test_everything_zalo_says_is_read(account: OfficialAccount, clock: HandClock) -> None:
    assert read(account, clock) == AccountReading(
        clock.now(),
        daily_quota=500,
        remaining=499,
        promotion_month_quota=125,
        promotion_month_remaining=124,
        quality_now="HIGH",
        quality_7d="MEDIUM",
        allowed_tags=(1, 2),
        package_name="Nâng cao",
        package_until=date(2026, 12, 31),
    )


@responses.activate
def test_numbers_may_come_as_text(account: OfficialAccount, clock: HandClock) -> None:
    as_text = {name: None if value is None else str(value) for name, value in QUOTA.items()}
    reading = read(account, clock, quota=as_text)
    assert (reading.daily_quota, reading.remaining, reading.promotion_month_remaining) == (500, 499, 124)


@responses.activate
@pytest.mark.parametrize(
    ("quota", "is_unlimited"),
    [
        ({**QUOTA, "dailyQuota": None, "remainingQuota": None}, True),
        ({**QUOTA, "dailyQuota": None}, False),
        (dict.fromkeys(QUOTA), False),
        ({}, False),
        (None, False),
        ([], False),
        ({**QUOTA, "dailyQuota": "nhiều"}, False),
    ],
)
def test_a_day_without_a_number_is_unlimited_only_beside_a_month_that_has_one(
    account: OfficialAccount, clock: HandClock, quota: Any, is_unlimited: bool
) -> None:
    reading = read(account, clock, quota=quota)
    assert (reading.daily_quota, reading.is_unlimited) == (None, is_unlimited)


@responses.activate
@pytest.mark.parametrize(
    ("tags", "read_as"),
    [
        (["TRANSACTION", "CUSTOMER_CARE", "PROMOTION"], (1, 2, 3)),
        (["transaction", 3], (1, 3)),
        # The sample that Zalo's documents still show: it would refuse tag 2 for ever.
        (["OTP", "IN_TRANSACTION", "POST_TRANSACTION"], None),
        (["OTP", "IN_TRANSACTION", "ACCOUNT_UPDATE", "FOLLOW_UP"], None),
        (["TRANSACTION", "GENERAL_UPDATE"], None),
        (["TRANSACTION", "SOMETHING_NEW"], None),
        ([], None),
        (None, None),
        ({"tags": 1}, None),
        (REFUSED, None),
    ],
)
def test_tags_are_read_by_todays_names_and_any_other_name_says_nothing(
    account: OfficialAccount, clock: HandClock, tags: Any, read_as: Any
) -> None:
    assert read(account, clock, tags=tags).allowed_tags == read_as


@responses.activate
@pytest.mark.parametrize("oa", [{}, None, REFUSED, {"package_valid_through_date": "vô hạn"}])
def test_what_zalo_does_not_say_of_the_package_is_nothing(account: OfficialAccount, clock: HandClock, oa: Any) -> None:
    reading = read(account, clock, oa=oa)
    assert (reading.package_name, reading.package_until) == (None, None)
    assert reading.daily_quota == 500


@responses.activate
def test_a_quality_we_do_not_know_is_none(account: OfficialAccount, clock: HandClock) -> None:
    reading = read(account, clock, quality={"oaCurrentQuality": "EXCELLENT", "oa7dayQuality": None})
    assert (reading.quality_now, reading.quality_7d) == (None, None)


@responses.activate
def test_a_refused_quota_is_no_reading(account: OfficialAccount, clock: HandClock) -> None:
    with pytest.raises(ZaloDidNotAnswer, match="permission"):
        read(account, clock, quota=REFUSED)


@responses.activate
@pytest.mark.parametrize("silent", ["quota", "quality", "tags", "oa"])
def test_silence_is_no_reading(account: OfficialAccount, clock: HandClock, silent: str) -> None:
    zalo_says()
    responses.replace(responses.GET, PATHS[silent], body=requests.exceptions.ReadTimeout())
    with pytest.raises(ZaloDidNotAnswer):
        read_account(account, clock)


@responses.activate
def test_an_account_without_a_token_cannot_be_read(workspace: Workspace, clock: HandClock) -> None:
    with pytest.raises(ZaloDidNotAnswer):
        read_account(make_account(workspace), clock)


@responses.activate
def test_a_token_that_died_early_is_renewed_for_all_four_questions(account: OfficialAccount, clock: HandClock) -> None:
    account.refresh_token = "refresh-1"
    account.save()
    told = {"quota": QUOTA, "quality": QUALITY, "tags": ["TRANSACTION"], "oa": OA}
    for name, data in told.items():
        fresh = [responses.matchers.header_matcher({"access_token": "token-2"})]
        responses.add(responses.GET, PATHS[name], json={"error": 0, "data": data}, match=fresh)
    stale = [responses.matchers.header_matcher({"access_token": "token-1"})]
    dead = {"error": -124, "message": "Access token invalid"}
    responses.add(responses.GET, PATHS["quota"], json=dead, match=stale)
    pair = {"access_token": "token-2", "refresh_token": "refresh-2", "expires_in": "90000"}
    responses.add(responses.POST, f"{settings.ZALO_OAUTH_BASE}/v4/oa/access_token", json=pair)
    reading = read_account(account, clock)
    assert (reading.daily_quota, reading.quality_now, reading.allowed_tags) == (500, "HIGH", (1,))
