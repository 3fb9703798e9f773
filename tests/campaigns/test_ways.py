"""The channel ladder at work: which way a message leaves by, and what that costs in calls and questions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import activation, dispatch
from campaigns.models import Message
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from integrations.base import (
    Accepted,
    ChannelName,
    NotNow,
    Reopens,
    Scope,
)
from integrations.models import OfficialAccount, SmsAccount
from tests.campaigns.story import PHONE, Clinic, ObedientChannel, due, vn
from tests.campaigns.waystory import CHAT, NOT_ON_ZALO, SMS, UID, ZNS, Ways, allow, know, sent


def test_a_patient_who_wrote_today_is_answered_in_the_chat_for_free(clinic: Clinic, ways: Ways) -> None:
    know(clinic)
    due(clinic)
    clinic.tick()
    message = clinic.message()
    assert (message.state, message.channel, message.price_vnd) == (S.SENT, "chat", 0)
    assert sent(ways) == {CHAT: 1}
    [outgoing] = ways[CHAT].sent
    assert (outgoing.user_id, outgoing.text) == ("u1", "Chào Nguyễn Thị Hoa, chị thấy sao rồi ạ?")
    assert message.poll_at is None


@pytest.mark.parametrize(
    ("names", "known", "way", "price"),
    [((UID, ZNS, SMS), True, UID, 140), ((UID, ZNS, SMS), False, ZNS, 200), ((SMS,), True, SMS, 850)],
)
def test_each_message_leaves_by_the_cheapest_way_that_is_open(
    clinic: Clinic, ways: Ways, names: tuple[ChannelName, ...], known: bool, way: ChannelName, price: int
) -> None:
    allow(clinic, *names)
    if known:
        know(clinic)
    due(clinic)
    clinic.tick()
    assert sent(ways) == {way: 1}
    assert (clinic.message().channel, clinic.message().price_vnd) == (way, price)


def test_a_phone_that_two_users_gave_is_written_to_by_phone(clinic: Clinic, ways: Ways) -> None:
    know(clinic, "mẹ")
    know(clinic, "con")
    due(clinic)
    clinic.tick()
    assert sent(ways) == {ZNS: 1}


def test_a_blocked_sms_account_holds_sms_and_nothing_else(clinic: Clinic, ways: Ways) -> None:
    allow(clinic, SMS)
    due(clinic, 3)
    ways[SMS].tell(PHONE, NotNow("sms_blocked", Scope.ACCOUNT, Reopens.BY_HAND, {"code": "103", "vendor": "hết tiền"}))
    clinic.tick()
    assert OfficialAccount.objects.get().blocked_reason == ""
    assert SmsAccount.objects.get().blocked_reason == "sms_blocked"
    assert len(ways[SMS].sent) == 2, "the second chunk of the batch stayed here"
    waiting = Message.objects.filter(state=S.SCHEDULED)
    assert {(each.reason_code, each.due_at) for each in waiting} == {("sms_blocked", vn(21, 12))}
    assert waiting[0].facts["vendor"] == "hết tiền"
    SmsAccount.objects.update(blocked_reason="")
    clinic.at(vn(21, 12))
    assert Message.objects.filter(state=S.SENT).count() == 3
    assert campaign_sums(clinic.send).closes


def test_an_offer_never_leaves_by_sms(clinic: Clinic, ways: Ways) -> None:
    allow(clinic, SMS)
    clinic.template.tag = 3
    clinic.template.save()
    due(clinic)
    clinic.tick()
    assert (clinic.message().state, clinic.message().facts) == (S.SKIPPED, {"why": {"sms": "promotion"}})
    assert sent(ways) == {}


def test_what_costs_more_than_the_step_allows_is_not_sent(clinic: Clinic, ways: Ways) -> None:
    allow(clinic, ZNS, SMS, max_price_vnd=300)
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    due(clinic)
    clinic.tick()
    assert (clinic.message().reason_code, sent(ways)) == ("not_on_zalo", {ZNS: 1})


def test_a_chunk_is_of_one_channel_which_is_opened_before_it(
    clinic: Clinic, ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[ChannelName] = []
    real = ObedientChannel.open

    def open_(self: ObedientChannel, *rest: Any) -> str:
        opened.append(self.name)
        return real(self, *rest)

    monkeypatch.setattr(ObedientChannel, "open", open_)
    for number in range(0, 8, 2):
        know(clinic, f"u{number}", phone=f"849{12_345_678 + number}")
    due(clinic, 8)
    activation.pause(campaign=clinic.sync, actor=None, now=clinic.clock.now())
    clinic.tick()
    assert sent(ways) == {CHAT: 4, ZNS: 4}
    assert opened[0] == ZNS, "before the claim"
    assert sorted(opened[1:]) == [CHAT, CHAT, ZNS, ZNS], "one batch in chunks of two"


def test_a_channel_that_cannot_open_hands_its_messages_back_and_is_not_asked_in_a_circle(
    clinic: Clinic, ways: Ways
) -> None:
    allow(clinic, SMS)
    ways[SMS].token = ""
    due(clinic)
    clinic.tick()
    message = clinic.message()
    assert (message.state, message.reason_code, message.claims) == (S.SCHEDULED, "handed_back", [])
    assert message.due_at == vn(21, 11, 1)
    assert message.events.filter(reason_code="handed_back").count() == 1
    ways[SMS].token = "token"
    clinic.at(vn(21, 11, 1))
    assert sent(ways) == {SMS: 1}


def test_an_accepted_zns_is_asked_about_a_minute_after_its_templates_timeout(clinic: Clinic) -> None:
    due(clinic)
    clinic.channel.tell(PHONE, Accepted("m1", vn(21, 11, 0) + timedelta(seconds=5)))
    clinic.tick()
    assert clinic.message().poll_at == vn(21, 13, 1) + timedelta(seconds=5)


def test_an_sms_costs_as_many_as_it_is_billed_as(clinic: Clinic, ways: Ways) -> None:
    allow(clinic, SMS, sms_text="Chao <customer_name> " + "a" * 150)
    due(clinic)
    clinic.tick()
    assert clinic.message().price_vnd == 2 * 850


def test_what_zalo_says_is_free_costs_nothing(clinic: Clinic, ways: Ways) -> None:
    know(clinic, hours=49)
    allow(clinic, CHAT)
    ways[CHAT].tell(PHONE, Accepted("m1", is_free=True))
    due(clinic, 2)
    clinic.tick()
    assert list(Message.objects.order_by("id").values_list("state", "price_vnd")) == [(S.SENT, 0), (S.SKIPPED, 200)]


def dispatching(clinic: Clinic, count: int) -> list[str]:
    """The queries of one batch of `count` messages."""
    OfficialAccount.objects.update(blocked_reason="hold")
    due(clinic, count)
    clinic.tick()
    OfficialAccount.objects.update(blocked_reason="")
    account = OfficialAccount.objects.get()
    with CaptureQueriesContext(connection) as queries:
        dispatch.dispatch(account=account, clock=clinic.clock, limit=count)
    return [query["sql"] for query in queries]


def asked(queries: list[str], table: str) -> int:
    return sum(f'FROM "{table}"' in query for query in queries)


def test_a_step_that_goes_by_zns_alone_asks_nothing_about_other_ways(clinic: Clinic) -> None:
    queries = dispatching(clinic, 5)
    assert len(clinic.channel.sent) == 5
    assert asked(queries, "integrations_zalouser") == asked(queries, "integrations_smsaccount") == 0


@pytest.mark.parametrize("count", [3, 30])
def test_every_way_costs_one_question_each_whatever_the_size_of_the_batch(
    clinic: Clinic, ways: Ways, settings: Any, count: int
) -> None:
    settings.SEND_CONCURRENCY = 32
    queries = dispatching(clinic, count)
    assert sent(ways) == {ZNS: count}
    assert asked(queries, "integrations_zalouser") == asked(queries, "integrations_smsaccount") == 1
    assert asked(queries, "campaigns_suppression") == 2, "at the claim and before the only chunk"
