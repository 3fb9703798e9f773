"""No receipt by the time-out: Zalo is asked, and what did not arrive is said so and costs nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from campaigns import receipts, status_poll
from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from integrations.http import Reply, Unanswered
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.api import Credentials
from tests.campaigns.events import delivery_of, ms, store
from tests.campaigns.story import Clinic, due, make_account, vn

# A minute after the two hours of the template sent at 11:00.
ASK_AT = vn(21, 13, 1)
NOT_THERE = {"error": 0, "data": {"status": 0}}


class Zalo:
    """What stands where `/message/status` would be: an answer for all, and whom it was asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Any = NOT_THERE
        self.before: Any = None

    def status(self, key: Credentials, msg_id: str) -> Any:
        assert len(connection.savepoint_ids) == 0, "a transaction is open while Zalo is asked"
        self.asked.append(msg_id)
        if self.before:
            self.before()
        answer = self.answer(key) if callable(self.answer) else self.answer
        return Reply(200, answer) if isinstance(answer, dict) else answer


@pytest.fixture
def zalo(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Zalo:
    """One message sent at 11:00, whose receipt does not come."""
    clinic.account.access_token = "token"
    clinic.account.save(update_fields=["access_token"])
    due(clinic)
    clinic.tick()
    Message.objects.update(poll_at=ASK_AT)
    made = Zalo()
    monkeypatch.setattr(api, "message_status", made.status)
    return made


def poll(clinic: Clinic, at: datetime) -> int:
    clinic.clock.moment = at
    return status_poll.poll(clock=clinic.clock, limit=100)


def test_it_is_asked_about_once_its_time_has_come(clinic: Clinic, zalo: Zalo) -> None:
    assert poll(clinic, ASK_AT - timedelta(seconds=1)) == 0
    assert poll(clinic, ASK_AT) == 1
    message = clinic.message()
    assert (message.state, message.reason_code, message.price_vnd) == (S.UNDELIVERED, "not_delivered", 0)
    assert poll(clinic, ASK_AT + timedelta(days=1)) == 0
    assert zalo.asked == [message.msg_id]


def test_it_keeps_its_places_since_zalo_counted_it(clinic: Clinic, zalo: Zalo) -> None:
    held = clinic.message().claims
    poll(clinic, ASK_AT)
    assert clinic.message().claims == held
    assert QuotaWindow.objects.get(rule="daily_quota").used == 1


def test_it_may_turn_out_to_have_arrived(clinic: Clinic, zalo: Zalo) -> None:
    zalo.answer = {"error": 0, "data": {"status": 1, "delivery_time": ms(vn(21, 11, 5))}}
    poll(clinic, ASK_AT)
    message = clinic.message()
    assert (message.state, message.delivered_at, message.price_vnd) == (S.DELIVERED, vn(21, 11, 5), 200)


@pytest.mark.parametrize(("at", "price"), [(vn(21, 12, 59), 200), (vn(21, 15), 0)])
def test_the_receipt_may_still_come_and_tells_the_price(clinic: Clinic, zalo: Zalo, at: datetime, price: int) -> None:
    poll(clinic, ASK_AT)
    store(clinic.account, "user_received_message", vn(21, 15), **delivery_of(clinic.message(), at))
    receipts.apply(now=vn(21, 15), limit=10)
    message = clinic.message()
    assert (message.state, message.delivered_at, message.price_vnd) == (S.DELIVERED, at, price)


def test_a_receipt_that_comes_while_zalo_is_asked_wins(clinic: Clinic, zalo: Zalo) -> None:
    def receipt() -> None:
        store(clinic.account, "user_received_message", ASK_AT, **delivery_of(clinic.message(), vn(21, 12)))
        receipts.apply(now=ASK_AT, limit=10)

    zalo.before = receipt
    poll(clinic, ASK_AT)
    assert (clinic.message().state, clinic.message().price_vnd) == (S.DELIVERED, 200)


ODD = [
    Unanswered("ReadTimeout"),
    Reply(502, None),
    {"error": -32, "message": "limit"},
    {"error": 0, "data": []},
    {"error": 0, "data": {"status": 7}},
    {"error": 0, "data": {"status": 1, "delivery_time": "?"}},
    {"error": 0, "data": {"status": -1}},
]


@pytest.mark.parametrize("answer", ODD, ids=str)
def test_no_answer_is_asked_for_again_ever_more_seldom(clinic: Clinic, zalo: Zalo, answer: Any) -> None:
    zalo.answer = answer
    poll(clinic, ASK_AT)
    message = clinic.message()
    first = message.poll_at
    assert first is not None
    assert (message.state, first - ASK_AT) == (S.SENT, timedelta(hours=1, seconds=30))
    assert poll(clinic, ASK_AT + timedelta(minutes=59)) == 0
    poll(clinic, first)
    second = clinic.message().poll_at
    assert second is not None
    assert second - first > timedelta(hours=1, seconds=30)
    zalo.answer = NOT_THERE
    poll(clinic, second)
    assert clinic.message().state == S.UNDELIVERED


def test_after_three_days_nobody_asks_any_more(clinic: Clinic, zalo: Zalo) -> None:
    zalo.answer = Unanswered("ReadTimeout")
    at, asked = ASK_AT, 0
    while (message := clinic.message()).poll_at:
        at = max(at, message.poll_at)
        asked += poll(clinic, at)
    assert (message.state, asked) == (S.SENT, 16)
    assert timedelta(days=3) < at - vn(21, 11) < timedelta(days=3, hours=7)


def test_a_message_that_zalo_still_does_not_know_after_a_day_reached_nobody(clinic: Clinic, zalo: Zalo) -> None:
    zalo.answer = {"error": 0, "data": {"status": "-1"}}
    poll(clinic, vn(22, 10, 59))
    assert clinic.message().state == S.SENT
    poll(clinic, vn(22, 18))
    assert (clinic.message().state, clinic.message().price_vnd) == (S.UNDELIVERED, 0)


def test_a_token_that_works_no_more_is_renewed_and_zalo_asked_again(
    clinic: Clinic, zalo: Zalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    zalo.answer = lambda key: NOT_THERE if key.token == "fresh" else {"error": -124, "message": "expired"}
    monkeypatch.setattr(tokens, "renew", lambda account, **_: Credentials("fresh"))
    poll(clinic, ASK_AT)
    assert clinic.message().state == S.UNDELIVERED


@pytest.mark.parametrize("trouble", ["no token", "unreadable keys"])
def test_one_account_in_trouble_does_not_stop_the_others(clinic: Clinic, zalo: Zalo, trouble: str) -> None:
    other = make_account(clinic.workspace, oa_id="oa-hai")
    copied = clinic.message()
    copied.pk, copied.account, copied.poll_at = None, other, ASK_AT - timedelta(hours=1)
    copied.dedupe_key, copied.tracking_id, copied.msg_id = "hai", "hai", "z-hai"
    copied.save()
    if trouble == "unreadable keys":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE integrations_officialaccount SET access_token = 'x' WHERE id = %s", [other.pk])
    poll(clinic, ASK_AT)
    states = dict(Message.objects.values_list("msg_id", "state"))
    assert states.pop("z-hai") == S.SENT
    assert set(states.values()) == {S.UNDELIVERED}
    assert OfficialAccount.objects.count() == 2


def test_two_that_ask_at_once_ask_once(clinic: Clinic, zalo: Zalo) -> None:
    zalo.before = lambda: status_poll.poll(clock=clinic.clock, limit=100)
    poll(clinic, ASK_AT)
    assert len(zalo.asked) == 1
