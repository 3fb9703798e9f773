"""The guard on real windows: in order, never past a limit, never leaking."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from accounts.models import Workspace
from campaigns import guard
from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from integrations.base import AccountFacts, Claim, Deferral, Refusal, SendFacts
from integrations.models import OfficialAccount
from integrations.zalo.policy import policy
from tests import factories
from tests.campaigns.story import Clinic, ObedientChannel, make_clinic, vn


@pytest.fixture
def promo(workspace: Workspace, channel: ObedientChannel) -> Clinic:
    """A clinic whose campaign sends promotion, in its first month of it."""
    return make_clinic(workspace, channel, tag=3, policy="zalo-2024")


def messages(clinic: Clinic, count: int, *, phone: str = "") -> list[Message]:
    """`count` scheduled messages, due now."""
    for number in range(count):
        clinic.visit(
            Mã_khách_hàng=f"KH{number}",
            Số_điện_thoại=phone or f"09{12_345_678 + number}",
            Ngày_khám=f"{1 + number % 20:02}/11/2026",
        )
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.at(vn(21, 11, 5))
    return list(Message.objects.select_related("template").order_by("id"))


def delivered_before(clinic: Clinic, message: Message) -> None:
    """The recipient had a care message a month ago."""
    twin = Message.objects.get(pk=message.pk)
    twin.pk, twin.tag, twin.state, twin.delivered_at = None, 2, S.DELIVERED, vn(1) - timedelta(days=10)
    twin.dedupe_key, twin.tracking_id = f"old-{message.pk}", f"old-{message.pk}"
    twin.save()


def reserve(clinic: Clinic, batch: list[Message]) -> list[guard.Answer]:
    """One batch through the guard, committed."""
    with transaction.atomic():
        return guard.reserve(
            account=clinic.account, policy=policy(clinic.account.policy), messages=batch, now=clinic.clock.now()
        )


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_run_outside_a_transaction(committed: Clinic) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        guard.reserve(account=committed.account, policy=policy("zalo-2026"), messages=[], now=vn(21))


def test_promotion_to_someone_never_cared_for_is_refused(promo: Clinic) -> None:
    [answer] = reserve(promo, messages(promo, 1))
    assert answer == Refusal("promotion_not_eligible", {"months": 6})


def test_the_fifth_promotion_of_a_month_waits_for_the_next(promo: Clinic) -> None:
    batch = messages(promo, 6, phone="0987654321")
    delivered_before(promo, batch[0])
    answers = reserve(promo, batch)
    assert [isinstance(answer, tuple) for answer in answers] == [True] * 4 + [False] * 2
    assert answers[4] == Deferral("user_month_quota", vn(1, month=12), {"limit": 4})
    day = QuotaWindow.objects.get(rule="daily_quota")
    assert day.used == 4, "a message held by one window takes no place in another"


def test_promotion_takes_no_more_than_a_quarter_of_the_day_in_2024(promo: Clinic) -> None:
    batch = messages(promo, 2)
    for message in batch:
        delivered_before(promo, message)
    answers = reserve(promo, batch)
    assert all(isinstance(answer, tuple) for answer in answers)
    assert QuotaWindow.objects.get(rule="promotion_day_quota").limit == 5_000


def test_the_month_quota_is_a_sixth_of_the_two_months_before(promo: Clinic) -> None:
    [message] = messages(promo, 1)
    delivered_before(promo, message)
    promo.account.first_promotion_month = vn(1, month=9).date()
    for number in range(11):
        twin = Message.objects.get(pk=message.pk)
        twin.pk, twin.tag, twin.delivered_at, twin.state = None, 1, vn(5, month=10), S.DELIVERED
        twin.dedupe_key = twin.tracking_id = f"care-{number}"
        twin.save()
    assert guard.promotion_month_quota(promo.account, policy("zalo-2024"), promo.clock.now()) == 2


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
    clinic.account.daily_quota = 2
    assert isinstance(reserve(clinic, batch[3:])[0], Deferral)
    assert QuotaWindow.objects.get().used == 3
    clinic.account.daily_quota = 10
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
    delivered_before(promo, message)
    assert isinstance(reserve(promo, [message])[0], tuple)
    promo.account.refresh_from_db()
    assert promo.account.first_promotion_month == vn(1).date()


def test_the_first_month_of_promotion_is_written_once(promo: Clinic) -> None:
    [message] = messages(promo, 1)
    delivered_before(promo, message)
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


@pytest.fixture
def committed(transactional_db: None, channel: ObedientChannel) -> Clinic:
    """The story in a database that other connections can see."""
    return make_clinic(factories.make_workspace(), channel)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: there is nothing to race")
@pytest.mark.django_db(transaction=True)
def test_many_workers_never_pass_a_window(committed: Clinic) -> None:
    batch = messages(committed, 60)
    committed.account.daily_quota = 25
    granted: list[int] = []

    def work(part: list[Message]) -> None:
        try:
            granted.append(sum(isinstance(answer, tuple) for answer in reserve(committed, part)))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(batch[start : start + 5],)) for start in range(0, 60, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 12
    assert sum(granted) == QuotaWindow.objects.get().used == 25


@dataclass
class OnePlaceEach:
    """A policy that gives every message a window of its own, in this order."""

    keys: Iterator[str]

    def assess(self, account: AccountFacts, send: SendFacts, now: datetime) -> tuple[Claim, ...]:
        return (Claim(next(self.keys), "user_month_quota", 4, vn(30)),)

    def month_quota(self, *, care_delivered: int, is_first_month: bool) -> int:
        return 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: there is nothing to race")
@pytest.mark.django_db(transaction=True)
def test_two_batches_that_meet_the_same_new_windows_in_opposite_orders_do_not_deadlock(committed: Clinic) -> None:
    [message] = messages(committed, 1)
    granted: list[int] = []

    def work(order: list[str], start: threading.Barrier) -> None:
        try:
            start.wait()
            with transaction.atomic():
                one_each, batch = OnePlaceEach(iter(order)), [message] * len(order)
                granted.append(
                    len(guard.reserve(account=committed.account, policy=one_each, messages=batch, now=vn(21, 11)))
                )
        finally:
            connection.close()

    for turn in range(3):
        keys, start = [f"new-{turn}-{number:04}" for number in range(2_000)], threading.Barrier(2)
        threads = [threading.Thread(target=work, args=(order, start)) for order in (keys, keys[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert granted == [2_000] * 6
    assert set(QuotaWindow.objects.filter(rule="user_month_quota").values_list("used", flat=True)) == {2}
