"""When a message takes the next way, when it never does, and what is remembered of a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from campaigns import dispatch, guard, judgement
from campaigns.models import Message, QuotaWindow, Suppression
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from integrations.base import (
    ChannelName,
    Deferral,
    Refused,
    RetryLater,
    Scope,
    Unknown,
)
from integrations.models import InboundEvent, SmsAccount
from tests import factories
from tests.campaigns.story import PHONE, Clinic, due, vn
from tests.campaigns.waystory import CHAT, NOT_ON_ZALO, SMS, UID, ZNS, Ways, again, allow, know, sent


def used() -> int:
    return sum(QuotaWindow.objects.filter(key__contains=":day:").values_list("used", flat=True))


def test_a_refusal_that_another_way_may_mend_takes_the_next_one_in_the_same_turn(clinic: Clinic, ways: Ways) -> None:
    ways[ZNS].tell(PHONE, RetryLater("vendor_busy"), NOT_ON_ZALO)
    due(clinic)
    clinic.tick()
    clinic.at(vn(21, 11, 1))
    message = clinic.message()
    assert (message.state, message.channel, message.text) == (S.SENT, "sms", "Chao Nguyen Thi Hoa")
    assert (message.attempts, message.price_vnd, message.tried) == (
        1,
        850,
        [{"channel": "zns", "reason": "not_on_zalo"}],
    )
    event = message.events.get(reason_code="next_channel")
    assert (event.from_state, event.to_state) == (S.SENDING, S.SCHEDULED)
    assert {name: event.facts[name] for name in ("channel", "why", "next", "code")} == {
        "channel": "zns",
        "why": "not_on_zalo",
        "next": "sms",
        "code": -118,
    }
    assert len(ways[SMS].sent) == 1
    assert campaign_sums(clinic.send).closes


def test_the_place_of_a_way_that_did_not_reach_is_free_again(clinic: Clinic, ways: Ways) -> None:
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    ways[SMS].token = ""
    due(clinic)
    clinic.tick()
    assert (clinic.message().state, clinic.message().claims, used()) == (S.SCHEDULED, [], 0)


def test_every_way_is_tried_once_and_then_it_is_told(clinic: Clinic, ways: Ways) -> None:
    know(clinic)
    ways[CHAT].tell(PHONE, Refused("chat_window_closed", Scope.RECIPIENT))
    ways[UID].tell(PHONE, NOT_ON_ZALO)
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    ways[SMS].tell(PHONE, Refused("phone_invalid", Scope.RECIPIENT))
    due(clinic)
    clinic.tick()
    message = clinic.message()
    assert sent(ways) == dict.fromkeys(ChannelName, 1)
    assert (message.state, message.reason_code) == (S.FAILED, "phone_invalid")
    assert [each["channel"] for each in message.tried] == ["chat", "uid", "zns"]
    assert used() == 0
    assert campaign_sums(clinic.send).closes


@pytest.mark.parametrize(
    "answer",
    [
        Refused("recipient_refuses", Scope.PERSON, {"code": -141}),
        Refused("promotion_not_eligible", Scope.PERSON, {"code": -140}),
        Refused("template_refused", Scope.TEMPLATE, {"code": -1121}),
    ],
    ids=lambda answer: answer.reason,
)
def test_a_refusal_that_no_way_mends_ends_it(clinic: Clinic, ways: Ways, answer: Refused) -> None:
    ways[ZNS].tell(PHONE, answer)
    due(clinic)
    for hour in (11, 12, 13):
        clinic.at(vn(21, hour))
    assert sent(ways) == {ZNS: 1}
    assert (clinic.message().state, clinic.message().reason_code) == (S.FAILED, answer.reason)


def test_a_way_whose_attempts_are_spent_leads_to_the_next(clinic: Clinic, ways: Ways) -> None:
    allow(clinic, UID, ZNS)
    know(clinic)
    ways[UID].tell(PHONE, *[RetryLater("vendor_busy", {"code": -9999})] * 9)
    due(clinic)
    for minute in range(30):
        clinic.at(vn(21, 11, minute))
    message = clinic.message()
    assert sent(ways) == {UID: 5, ZNS: 1}
    assert (message.state, message.attempts) == (S.SENT, 1)
    assert message.tried == [{"channel": "uid", "reason": "attempts_spent"}]
    assert (used(), campaign_sums(clinic.send).closes) == (1, True)


@pytest.mark.parametrize(("way", "price"), [(CHAT, 850), (SMS, 50)])
def test_a_refusal_of_a_ways_own_text_leads_to_the_next(
    clinic: Clinic, ways: Ways, way: ChannelName, price: int
) -> None:
    allow(clinic, way, ZNS)
    SmsAccount.objects.update(price_vnd=price)
    know(clinic)
    ways[way].tell(PHONE, Refused("template_refused", Scope.TEMPLATE, {"code": -248}))
    due(clinic)
    clinic.tick()
    assert (sent(ways), clinic.message().state) == ({way: 1, ZNS: 1}, S.SENT)


def test_who_refused_the_clinic_is_not_chased_by_sms(clinic: Clinic, ways: Ways) -> None:
    ways[ZNS].tell(PHONE, Refused("recipient_refuses", Scope.PERSON, {"code": -141}))
    due(clinic)
    clinic.tick()
    assert again(clinic, 22).reason_code == "suppressed"
    assert sent(ways) == {ZNS: 1}


@pytest.mark.parametrize("way", [CHAT, UID, ZNS])
def test_a_provider_that_times_out_after_accepting_never_leads_to_another_way(
    clinic: Clinic, ways: Ways, owner: User, way: ChannelName
) -> None:
    allow(clinic, way, SMS)
    know(clinic)
    ways[way].tell(PHONE, Unknown("outcome_unknown", {"why": "timeout"}))
    due(clinic)
    for hours in range(30):
        clinic.at(vn(21, 11) + timedelta(hours=hours))
    assert clinic.message().state == S.UNCONFIRMED
    judgement.judge(message=clinic.message(), reached=False, actor=owner, now=clinic.clock.now())
    for hours in range(30, 40):
        clinic.at(vn(21, 11) + timedelta(hours=hours))
    assert sent(ways) == {way: 1}
    assert (clinic.message().state, clinic.message().reason_code) == (S.FAILED, "judged_unsent")


def test_a_worker_that_lost_its_lease_cannot_hand_on_to_another_way(clinic: Clinic, ways: Ways) -> None:
    due(clinic)

    def wake_up_late() -> None:
        clinic.clock.advance(minutes=5)
        dispatch.rescue(clock=clinic.clock, limit=10)

    ways[ZNS].before_answer = wake_up_late
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    clinic.tick()
    clinic.at(vn(21, 12))
    assert (clinic.message().state, sent(ways), used()) == (S.UNCONFIRMED, {ZNS: 1}, 1)


def test_a_receipt_stops_the_next_way(clinic: Clinic, ways: Ways) -> None:
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    ways[SMS].token = ""
    due(clinic)
    clinic.tick()
    told = {"tracking_id": clinic.message().tracking_id, "msg_id": "m1", "delivery_time": "1795235400000"}
    InboundEvent.objects.create(
        account=clinic.account, key="k", name="user_received_message", body={"message": told}, received_at=vn(21, 11)
    )
    ways[SMS].token = "token"
    clinic.at(vn(21, 12))
    assert (clinic.message().state, sent(ways)) == (S.DELIVERED, {ZNS: 1})


def test_a_phone_that_is_not_on_zalo_is_remembered_and_asked_again_after_a_month(clinic: Clinic, ways: Ways) -> None:
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    due(clinic)
    clinic.tick()
    mark = Suppression.objects.get()
    assert (mark.way, mark.reason_code, mark.until) == ("zalo", "not_on_zalo", vn(21, 11, month=12))
    assert again(clinic, 22).channel == "sms"
    assert sent(ways) == {ZNS: 1, SMS: 2}, "straight to SMS"
    assert again(clinic, 22, month=12).channel == "zns"


def test_without_another_way_a_phone_that_is_not_on_zalo_costs_no_call(clinic: Clinic) -> None:
    clinic.channel.tell(PHONE, NOT_ON_ZALO)
    due(clinic)
    clinic.tick()
    assert (clinic.message().state, clinic.message().reason_code) == (S.FAILED, "not_on_zalo")
    second = again(clinic, 22)
    assert (second.state, second.reason_code, second.facts) == (
        S.SKIPPED,
        "no_channel",
        {"why": {"zns": "not_on_zalo"}},
    )
    assert len(clinic.channel.sent) == 1
    assert campaign_sums(clinic.send).closes


def test_only_a_send_by_phone_marks_the_phone(clinic: Clinic, ways: Ways) -> None:
    know(clinic)
    ways[CHAT].tell(PHONE, NOT_ON_ZALO)
    due(clinic)
    clinic.tick()
    assert not Suppression.objects.exists()
    assert sent(ways) == {CHAT: 1, UID: 1}


def test_a_mark_for_good_outlives_what_zalo_says(clinic: Clinic) -> None:
    due(clinic)

    def forbid() -> None:
        Suppression.objects.create(
            workspace=clinic.workspace, phone=PHONE, reason_code="asked", created_at=clinic.clock.now()
        )

    clinic.channel.before_answer = forbid
    clinic.channel.tell(PHONE, Refused("recipient_refuses", Scope.PERSON))
    clinic.tick()
    assert Suppression.objects.get().until is None


def test_two_visits_of_one_patient_in_one_chunk_leave_one_mark(clinic: Clinic) -> None:
    clinic.visit(Mã_khách_hàng="KH0", Số_điện_thoại="0912345678", Dịch_vụ="Lấy cao răng")
    due(clinic)
    clinic.channel.tell(PHONE, NOT_ON_ZALO, NOT_ON_ZALO)
    clinic.tick()
    assert Suppression.objects.count() == 1
    assert Message.objects.filter(state=S.FAILED).count() == 2


def test_a_corrected_phone_starts_at_the_bottom_of_the_ladder(clinic: Clinic, ways: Ways) -> None:
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    ways[SMS].token = ""
    due(clinic)
    clinic.tick()
    record = clinic.message().record
    factories.make_record(
        clinic.source, now=clinic.clock.now(), row_id=record.row_id, Mã_khách_hàng="KH0", Số_điện_thoại="0987654321"
    )
    clinic.at(vn(21, 11, 2))
    assert [each.phone for each in ways[ZNS].sent] == [PHONE, "84987654321"]
    assert (clinic.message().channel, clinic.message().tried) == ("zns", [])


@pytest.mark.parametrize("rule", ["chat_quota", "chat_window_closed"])
def test_what_the_guard_says_of_one_way_leads_to_the_next(
    clinic: Clinic, ways: Ways, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = guard.reserve

    def reserve(*, messages: Any, **rest: Any) -> list[guard.Answer]:
        if messages and messages[0].channel == CHAT:
            return [Deferral(rule, vn(23), {"limit": 8})]
        return real(messages=messages, **rest)

    monkeypatch.setattr(guard, "reserve", reserve)
    know(clinic)
    due(clinic)
    clinic.tick()
    assert (sent(ways), clinic.message().tried) == ({UID: 1}, [{"channel": "chat", "reason": rule}])
