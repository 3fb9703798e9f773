"""What Zalo told of an account: lower numbers win, higher ones are shown, and silence changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction

from campaigns import guard
from campaigns.models import QuotaWindow
from campaigns.readings import apply_reading
from integrations.base import Deferral
from integrations.models import OfficialAccount, QuotaChange
from integrations.zalo.policy import policy
from integrations.zalo.sync import AccountReading
from tests.campaigns.guarding import delivered_before, messages, reserve
from tests.campaigns.story import Clinic, vn

READ_AT = vn(21, 5)
SILENCE = AccountReading(READ_AT)
TOLD = AccountReading(
    READ_AT,
    daily_quota=20_000,
    remaining=20_000,
    promotion_month_quota=10_000,
    promotion_month_remaining=10_000,
    quality_now="HIGH",
    quality_7d="LOW",
    allowed_tags=(1, 2),
    package_name="Nâng cao",
    package_until=date(2026, 12, 31),
)


def tell(clinic: Clinic, reading: AccountReading) -> OfficialAccount:
    """The reading is taken over now, by a worker who knows the account from before."""
    apply_reading(clinic.account, reading, clinic.clock.now())
    return OfficialAccount.objects.get()


def window(rule: str = "daily_quota") -> QuotaWindow:
    return QuotaWindow.objects.get(rule=rule)


def test_what_zalo_says_is_taken_over(clinic: Clinic) -> None:
    clinic.clock.moment = READ_AT
    account = tell(clinic, TOLD)
    assert (account.quality_now, account.quality_7d, account.allowed_tags) == ("HIGH", "LOW", [1, 2])
    assert (account.package_name, account.package_until) == ("Nâng cao", date(2026, 12, 31))
    assert account.synced_at == READ_AT


def test_silence_changes_nothing_but_the_time_of_the_reading(clinic: Clinic) -> None:
    clinic.clock.moment = READ_AT
    before = tell(clinic, TOLD)
    after = tell(clinic, replace(SILENCE, read_at=READ_AT + timedelta(hours=1)))
    ours = {field.attname for field in OfficialAccount._meta.fields} - {"synced_at"}
    assert {name: getattr(after, name) for name in ours} == {name: getattr(before, name) for name in ours}
    assert after.synced_at == READ_AT + timedelta(hours=1)


@pytest.mark.parametrize("quota", [1_000, 50_000])
def test_another_daily_quota_is_zalos_decision(clinic: Clinic, quota: int) -> None:
    clinic.clock.moment = READ_AT
    account = tell(clinic, replace(TOLD, daily_quota=quota, remaining=quota))
    assert account.daily_quota == quota
    change = QuotaChange.objects.get()
    assert (change.before, change.after, change.cause) == (20_000, quota, QuotaChange.Cause.TOLD)
    tell(clinic, replace(TOLD, daily_quota=quota, remaining=quota))
    assert QuotaChange.objects.count() == 1


@pytest.mark.parametrize(("rules", "quota"), [("zalo-2026", None), ("zalo-2024", 20_000)])
def test_an_unlimited_day_is_believed_only_where_the_ladder_has_one(
    clinic: Clinic, rules: str, quota: int | None
) -> None:
    OfficialAccount.objects.update(policy=rules)
    clinic.clock.moment = READ_AT
    assert tell(clinic, replace(TOLD, daily_quota=None, remaining=None, is_unlimited=True)).daily_quota == quota


def test_an_event_that_came_while_zalo_was_read_is_newer(clinic: Clinic) -> None:
    clinic.clock.moment = READ_AT + timedelta(seconds=1)
    OfficialAccount.objects.update(daily_quota=10_000, allowed_tags=[1], heard={"tags": clinic.clock.now().isoformat()})
    QuotaChange.objects.create(
        account=clinic.account, before=20_000, after=10_000, cause=QuotaChange.Cause.TOLD, at=clinic.clock.now()
    )
    account = tell(clinic, TOLD)
    assert (account.daily_quota, account.allowed_tags) == (10_000, [1])


def test_zalos_lower_count_closes_the_day_before_we_send_at_all(clinic: Clinic) -> None:
    batch = messages(clinic, 4)
    tell(clinic, replace(TOLD, remaining=3))
    assert (window().limit, window().vendor_used, window().used) == (3, 19_997, 0)
    answers = reserve(clinic, batch)
    assert [isinstance(answer, Deferral) for answer in answers] == [False, False, False, True]


def test_zalos_higher_count_is_shown_and_grants_nothing(clinic: Clinic) -> None:
    batch = messages(clinic, 3)
    OfficialAccount.objects.update(daily_quota=2)
    reserve(clinic, batch)
    tell(clinic, replace(TOLD, daily_quota=2, remaining=2))
    assert (window().limit, window().used, window().vendor_used) == (2, 2, 0)
    assert isinstance(reserve(clinic, batch[2:])[0], Deferral)


def test_a_newer_reading_may_give_back_what_an_older_one_took(clinic: Clinic) -> None:
    clinic.clock.moment = READ_AT
    tell(clinic, replace(TOLD, remaining=0, promotion_month_remaining=0))
    assert (window().limit, window("promotion_month_quota").limit) == (0, 0)
    tell(clinic, TOLD)
    assert (window().limit, window("promotion_month_quota").limit) == (20_000, 10_000)


def test_the_month_of_promotion_follows_zalo_down_and_never_up(clinic: Clinic) -> None:
    clinic.clock.moment = READ_AT
    tell(clinic, replace(TOLD, promotion_month_quota=125, promotion_month_remaining=124))
    assert (window("promotion_month_quota").limit, window("promotion_month_quota").vendor_used) == (124, 1)
    tell(clinic, replace(TOLD, promotion_month_quota=90_000, promotion_month_remaining=90_000))
    assert window("promotion_month_quota").limit == 10_000, "the bonus of a first month, and nothing delivered before"


def test_yesterdays_remainder_says_nothing_about_today(clinic: Clinic) -> None:
    clinic.clock.moment = vn(22, 0)
    tell(clinic, replace(TOLD, read_at=vn(21, 23, 59), remaining=0))
    assert not QuotaWindow.objects.exists()


def test_a_higher_quota_ends_what_zalo_said_of_the_lower_one(clinic: Clinic) -> None:
    batch = messages(clinic, 3)
    with transaction.atomic():
        held = guard.reserve(
            account=clinic.account, policy=policy("zalo-2026"), messages=batch[:1], now=clinic.clock.now()
        )
    assert isinstance(held[0], tuple)
    batch[0].claims = list(held[0])
    with transaction.atomic():
        guard.learn(freed=[], closed=[(batch[0], "daily_quota")])
    assert isinstance(reserve(clinic, batch[1:])[0], Deferral)
    OfficialAccount.objects.update(daily_quota=50_000)
    assert isinstance(reserve(clinic, batch[1:])[0], tuple)


def test_the_bonus_of_a_month_that_zalo_calls_no_first_one_is_not_granted(clinic: Clinic) -> None:
    """Zalo's first month is that in which tag 3 opened, ours that of the first promotion; late receipts change nothing."""
    [message] = messages(clinic, 1)
    delivered_before(message)
    message.tag = 3
    tell(clinic, replace(TOLD, allowed_tags=(1, 2, 3), promotion_month_quota=0, promotion_month_remaining=0))
    month = window("promotion_month_quota")
    assert (month.ceiling, month.limit, month.used) == (10_000, 0, 0), "lowered before any promotion was granted"
    for _ in range(2):
        [answer] = reserve(clinic, [message])
        assert isinstance(answer, Deferral)
        assert answer.rule == "promotion_month_quota"
        for _ in range(6):
            delivered_before(message)
