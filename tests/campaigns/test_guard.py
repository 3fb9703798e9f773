"""The guard on real windows: in order, never past a limit, never leaking."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from accounts.models import Workspace
from campaigns import guard
from campaigns.guardfacts import promotion_month_quota
from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from integrations.base import Deferral, Refusal
from integrations.models import OfficialAccount
from integrations.zalo.policy import policy
from tests.campaigns.guarding import delivered_before, messages, reserve
from tests.campaigns.story import Clinic, ObedientChannel, make_clinic, vn


@pytest.fixture
def promo(workspace: Workspace, channel: ObedientChannel) -> Clinic:
    """A clinic whose campaign sends promotion, in its first month of it."""
    return make_clinic(workspace, channel, tag=3, policy="zalo-2024")


def test_promotion_to_someone_never_cared_for_is_refused(promo: Clinic) -> None:
    [answer] = reserve(promo, messages(promo, 1))
    assert answer == Refusal("promotion_not_eligible", {"months": 6})


def test_the_fifth_promotion_of_a_month_waits_for_the_next(promo: Clinic) -> None:
    batch = messages(promo, 6, phone="0987654321")
    delivered_before(batch[0])
    answers = reserve(promo, batch)
    assert [isinstance(answer, tuple) for answer in answers] == [True] * 4 + [False] * 2
    assert answers[4] == Deferral("user_month_quota", vn(1, month=12), {"limit": 4})
    day = QuotaWindow.objects.get(rule="daily_quota")
    assert day.used == 4, "a message held by one window takes no place in another"


def test_promotion_takes_no_more_than_a_quarter_of_the_day_in_2024(promo: Clinic) -> None:
    batch = messages(promo, 2)
    for message in batch:
        delivered_before(message)
    answers = reserve(promo, batch)
    assert all(isinstance(answer, tuple) for answer in answers)
    assert QuotaWindow.objects.get(rule="promotion_day_quota").limit == 5_000


def test_the_month_quota_is_a_sixth_of_the_two_months_before(promo: Clinic) -> None:
    [message] = messages(promo, 1)
    delivered_before(message)
    promo.account.first_promotion_month = vn(1, month=9).date()
    for _ in range(11):
        delivered_before(message, tag=1, delivered_at=vn(5, month=10))
    assert promotion_month_quota(promo.account, policy("zalo-2024"), promo.clock.now()) == 2


def test_an_earlier_tag_goes_first_when_the_day_is_short(clinic: Clinic) -> None:
    first, second = messages(clinic, 2)
    Message.objects.filter(pk=second.pk).update(tag=1)
    clinic.account.daily_quota, clinic.account.blocked_reason = 1, ""
    clinic.account.save()
    clinic.tick()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (S.SCHEDULED, S.SENT)


def test_a_lowered_tier_keeps_what_was_taken_and_grants_no_more(clinic: Clinic) -> None:
    batch = messages(clinic, 4)
    reserve(clinic, batch[:3])
    OfficialAccount.objects.update(daily_quota=2)
    assert isinstance(reserve(clinic, batch[3:])[0], Deferral)
    assert QuotaWindow.objects.get().used == 3
    OfficialAccount.objects.update(daily_quota=10)
    assert isinstance(reserve(clinic, batch[3:])[0], tuple)


def test_release_gives_back_exactly_what_was_taken(clinic: Clinic) -> None:
    batch = messages(clinic, 5)
    for message, answer in zip(batch, reserve(clinic, batch), strict=True):
        assert isinstance(answer, tuple)
        message.claims = list(answer)
    with transaction.atomic():
        guard.release(batch[:2])
    assert QuotaWindow.objects.get().used == 3


def test_a_message_that_holds_nothing_releases_nothing(clinic: Clinic) -> None:
    batch = messages(clinic, 2)
    reserve(clinic, batch[:1])
    with transaction.atomic():
        guard.release(batch[1:])
    assert QuotaWindow.objects.get().used == 1


def test_a_place_that_cannot_be_given_back_is_a_broken_assumption(clinic: Clinic) -> None:
    batch = messages(clinic, 2)
    for message, answer in zip(batch, reserve(clinic, batch), strict=True):
        assert isinstance(answer, tuple)
        message.claims = list(answer)
    QuotaWindow.objects.update(used=1)
    with pytest.raises(RuntimeError, match="give back"), transaction.atomic():
        guard.release(batch)
    assert QuotaWindow.objects.get().used == 1


def test_a_refused_promotion_does_not_spend_the_first_months_bonus(promo: Clinic) -> None:
    [message] = messages(promo, 1)
    assert isinstance(reserve(promo, [message])[0], Refusal)
    promo.account.refresh_from_db()
    assert promo.account.first_promotion_month is None
    delivered_before(message)
    assert isinstance(reserve(promo, [message])[0], tuple)
    promo.account.refresh_from_db()
    assert promo.account.first_promotion_month == vn(1).date()


def test_the_first_month_of_promotion_is_written_once(promo: Clinic) -> None:
    [message] = messages(promo, 1)
    delivered_before(message)
    OfficialAccount.objects.update(first_promotion_month=vn(1, month=10).date())
    assert promo.account.first_promotion_month is None, "read before another worker wrote it"
    reserve(promo, [message])
    promo.account.refresh_from_db()
    assert promo.account.first_promotion_month == vn(1, month=10).date()


def test_a_care_message_is_no_first_promotion(promo: Clinic) -> None:
    [message] = messages(promo, 1)
    message.tag = 2
    assert isinstance(reserve(promo, [message])[0], tuple)
    promo.account.refresh_from_db()
    assert promo.account.first_promotion_month is None


def test_the_database_itself_refuses_a_window_past_its_limit(clinic: Clinic) -> None:
    reserve(clinic, messages(clinic, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        QuotaWindow.objects.update(used=20_001)
