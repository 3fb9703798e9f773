"""What Zalo tells of messages, people, the account and its templates, and the effect of each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import Model

from campaigns import hearing, receipts
from campaigns.models import Message, MessageEvent, Reaction
from campaigns.reasons import Reason
from campaigns.states import MessageState as S
from integrations.models import InboundEvent, OfficialAccount, QuotaChange, ZaloUser
from integrations.zalo.quota_changes import change_quota
from tests import factories
from tests.campaigns.events import USER, delivery_of, follower, hear, rating_of, store, words
from tests.campaigns.story import Clinic, make_account, make_template, vn

NOON = vn(21, 12)


@pytest.fixture
def sent(clinic: Clinic) -> Message:
    """A message that Zalo took at 11:00, of a template with a time-out of two hours, for 200 đồng."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    return clinic.message()


def fresh(row: Model) -> None:
    row.refresh_from_db()


@pytest.mark.parametrize(
    ("at", "reason", "price"),
    [
        (vn(21, 11, 1), Reason.DELIVERED, 200),
        (vn(21, 13), Reason.DELIVERED, 200),
        (vn(21, 13, 1), Reason.DELIVERED_LATE, 0),
    ],
)
def test_only_what_came_in_time_is_charged(
    clinic: Clinic, sent: Message, at: datetime, reason: Reason, price: int
) -> None:
    assert hear(clinic, "user_received_message", at, **delivery_of(sent, at)) == "applied"
    fresh(sent)
    assert (sent.state, sent.reason_code, sent.price_vnd, sent.delivered_at) == (S.DELIVERED, reason, price, at)
    assert sent.poll_at is None


def test_a_receipt_by_user_id_names_only_zalos_id(
    clinic: Clinic, sent: Message, caplog: pytest.LogCaptureFixture
) -> None:
    Message.objects.update(channel="uid", user_id=USER)
    body = {"recipient": {"id": USER}, "message": {"msg_id": sent.msg_id}}
    assert hear(clinic, "user_received_message", vn(21, 11, 1), **body) == "applied"
    assert clinic.message().delivered_at == vn(21, 11, 1)
    assert not caplog.records


def test_a_receipt_by_user_id_may_overtake_the_answer_that_tells_the_id(clinic: Clinic, sent: Message) -> None:
    Message.objects.update(channel="uid", user_id=USER, state=S.SENDING, msg_id="")
    store(clinic.account, "user_received_message", vn(21, 11, 1), message={"msg_id": "m-uid"})
    assert receipts.apply(now=vn(21, 11, 2), limit=10) == 0
    Message.objects.update(state=S.SENT, msg_id="m-uid")
    assert receipts.apply(now=vn(21, 11, 3), limit=10) == 1
    assert clinic.message().state == S.DELIVERED


def test_a_receipt_that_stays_unknown_holds_up_nobody_and_is_done_with(clinic: Clinic, sent: Message) -> None:
    store(clinic.account, "user_received_message", vn(21, 11, 1), message={"msg_id": "of-another-program"})
    store(clinic.account, "user_received_message", vn(21, 11, 1), **delivery_of(sent, vn(21, 11, 1)))
    assert [receipts.apply(now=vn(21, 11, 2), limit=1) for _ in range(3)] == [0, 1, 0]
    assert clinic.message().state == S.DELIVERED
    assert receipts.apply(now=vn(21, 11, 5), limit=1) == 1
    assert not InboundEvent.objects.filter(applied_at=None).exists()
    assert InboundEvent.objects.earliest("id").outcome == "message_unknown"


def test_a_rating_is_kept_once(clinic: Clinic, sent: Message) -> None:
    for again in range(3):
        at = NOON + timedelta(minutes=again)
        store(clinic.account, "user_feedback", at, **rating_of(sent, NOON, feedbacks=["Tận tình"]))
    receipts.apply(now=NOON, limit=10)
    reaction = Reaction.objects.get()
    assert (reaction.message, reaction.rate, reaction.note, reaction.choices) == (sent, 4, "Cảm ơn", ["Tận tình"])
    assert (reaction.kind, reaction.at, reaction.account) == ("rated", NOON, clinic.account)
    assert clinic.message().state == S.SENT


def test_a_button_is_kept_as_pressed(clinic: Clinic, sent: Message) -> None:
    body = {"msg_id": sent.msg_id, "message": {"data": "Đặt lịch lại", "submit_time": "1795233660000"}}
    assert hear(clinic, "user_click_response_button", NOON, **body) == "applied"
    assert Reaction.objects.get().choices == ["Đặt lịch lại"]


def test_a_rating_of_no_message_of_ours_is_kept_without_one(clinic: Clinic, sent: Message) -> None:
    other = Message(account=clinic.account, msg_id="xa-lạ", tracking_id="xa-lạ")
    assert hear(clinic, "user_feedback", NOON, **rating_of(other, NOON)) == "message_unknown"
    assert hear(clinic, "user_feedback", NOON, **rating_of(other, NOON)) == "message_unknown"
    assert Reaction.objects.get().message is None


def test_another_account_says_nothing_of_our_message(clinic: Clinic, sent: Message) -> None:
    other = make_account(factories.make_workspace("Khác"), oa_id="oa-khác")
    store(other, "user_received_message", NOON, **delivery_of(sent, NOON))
    store(other, "user_feedback", NOON, **rating_of(sent, NOON))
    store(other, "change_template_quality", NOON, template_id=clinic.template.template_id, quality="LOW")
    receipts.apply(now=NOON, limit=10)
    fresh(clinic.template)
    assert (clinic.message().state, clinic.template.quality) == (S.SENT, "UNDEFINED")
    assert Reaction.objects.get().message is None


def test_people_are_known_by_what_they_do(clinic: Clinic) -> None:
    hear(clinic, "user_send_text", NOON, **words())
    person = ZaloUser.objects.get()
    assert (person.user_id, person.is_follower, person.last_interaction_at) == (USER, False, NOON)
    hear(clinic, "follow", vn(21, 11), **follower())
    hear(clinic, "user_submit_info", vn(21, 13), sender={"id": USER}, info={"phone": "0912345678"})
    fresh(person)
    assert (person.is_follower, person.phone, person.last_interaction_at) == (True, "84912345678", vn(21, 13))
    hear(clinic, "unfollow", vn(21, 14), **follower())
    hear(clinic, "follow", vn(21, 13, 30), **follower())
    hear(clinic, "user_submit_info", vn(21, 12, 30), sender={"id": USER}, info={"phone": "0987654321"})
    fresh(person)
    assert (person.is_follower, person.phone, person.last_interaction_at) == (False, "84912345678", vn(21, 13))


def test_the_quota_zalo_tells_is_ours_and_written_down(clinic: Clinic) -> None:
    assert hear(clinic, "change_oa_daily_quota", NOON, quota={"new_value": "10000"}) == "applied"
    fresh(clinic.account)
    change = QuotaChange.objects.get()
    assert (clinic.account.daily_quota, change.before, change.after) == (10_000, 20_000, 10_000)
    assert (change.cause, change.at) == (QuotaChange.Cause.TOLD, NOON)


@pytest.mark.parametrize("newer", ["event", "reading", "change"])
def test_an_older_word_of_the_quota_changes_nothing(clinic: Clinic, newer: str) -> None:
    match newer:
        case "event":  # the same number as ours: no change is written, and it counts all the same
            hear(clinic, "change_oa_daily_quota", NOON, quota={"new_value": 20_000})
        case "reading":
            OfficialAccount.objects.update(synced_at=NOON)
        case "change":
            change_quota(clinic.account, after=20_001, cause=QuotaChange.Cause.BY_HAND, at=NOON)
    assert hear(clinic, "change_oa_daily_quota", vn(21, 11), quota={"new_value": 500}) == "too_old"
    fresh(clinic.account)
    assert clinic.account.daily_quota in (20_000, 20_001)


def test_tags_and_quota_are_each_as_old_as_their_own_word(clinic: Clinic) -> None:
    hear(clinic, "change_oa_daily_quota", NOON, quota={"new_value": 10_000})
    assert hear(clinic, "change_oa_template_tags", vn(21, 11), tags=["TRANSACTION", "CUSTOMER_CARE"]) == "applied"
    assert hear(clinic, "change_oa_template_tags", vn(21, 10), tags=["PROMOTION"]) == "too_old"
    fresh(clinic.account)
    assert (clinic.account.allowed_tags, clinic.account.daily_quota) == ([1, 2], 10_000)


def test_a_template_follows_what_zalo_tells_of_it(clinic: Clinic) -> None:
    ours = {"template_id": clinic.template.template_id}
    hear(clinic, "change_template_quality", NOON, **ours, quality="LOW")
    hear(clinic, "change_template_quota", NOON, **ours, quota={"new_value": 200})
    hear(clinic, "change_template_status", vn(21, 11), **ours, status={"new_status": "REJECT"}, reason="Sai mục đích")
    assert hear(clinic, "change_template_quality", vn(21, 11), **ours, quality="HIGH") == "too_old"
    template = clinic.template
    fresh(template)
    assert (template.quality, template.daily_quota) == ("LOW", 200)
    assert (template.status, template.reason) == ("REJECT", "Sai mục đích")
    hear(clinic, "change_template_status", vn(21, 13), **ours, status={"new_status": "ENABLE"})
    fresh(template)
    assert (template.status, template.reason) == ("ENABLE", "")


def test_a_reading_is_newer_than_an_event_from_before_it(clinic: Clinic) -> None:
    template = make_template(clinic.account, template_id="7002", synced_at=NOON)
    body = {"template_id": "7002", "status": {"new_status": "DISABLE"}}
    assert hear(clinic, "change_template_status", vn(21, 11), **body) == "too_old"
    fresh(template)
    assert template.status == "ENABLE"


@pytest.mark.parametrize(
    ("name", "body", "outcome"),
    [
        ("change_template_status", {"template_id": "0", "status": {"new_status": "REJECT"}}, "template_unknown"),
        ("change_oa_template_tags", {"tags": {"level": 3}}, "not_understood"),
        ("change_template_quota", {"template_id": "7001"}, "not_understood"),
        ("user_seen_message", {"message": {"msg_ids": ["m1"]}}, "not_handled"),
        ("user_withdraw", {"user_id": USER}, "not_handled"),
    ],
)
def test_what_has_no_effect_is_kept_and_says_so(
    clinic: Clinic, caplog: pytest.LogCaptureFixture, name: str, body: dict[str, object], outcome: str
) -> None:
    assert hear(clinic, name, NOON, **body) == outcome
    assert ("is not as Zalo writes it" in caplog.text) is (outcome == "not_understood")
    assert InboundEvent.objects.get().body["event_name"] == name


def test_a_poison_event_is_put_aside_and_its_neighbours_are_applied(
    clinic: Clinic, sent: Message, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    learn = hearing._get_to_know

    def choke(person: ZaloUser, said: object) -> None:
        if person.user_id == "độc":
            raise ValueError("no such person")
        learn(person, said)  # type: ignore[arg-type]

    monkeypatch.setattr(hearing, "_get_to_know", choke)
    store(clinic.account, "follow", NOON, **follower())
    store(clinic.account, "follow", NOON, **follower("độc"))
    store(clinic.account, "user_received_message", NOON, **delivery_of(sent, NOON))
    assert receipts.apply(now=NOON, limit=10) == 3
    assert list(InboundEvent.objects.order_by("id").values_list("outcome", flat=True)) == [
        "applied",
        "failed",
        "applied",
    ]
    assert clinic.message().state == S.DELIVERED
    assert ZaloUser.objects.get().is_follower
    assert "is put aside" in caplog.text
    assert receipts.apply(now=NOON, limit=10) == 0


@pytest.mark.parametrize("first", [0, 1])
def test_a_database_in_trouble_is_no_fault_of_the_events(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    troubles: list[Exception] = [ValueError("a poisoned batch"), OperationalError("database is locked")][first:]

    def locked(*_: object) -> None:
        raise troubles.pop(0)

    store(clinic.account, "follow", NOON, **follower())
    with monkeypatch.context() as patch:
        patch.setattr(hearing, "_meet", locked)
        with pytest.raises(OperationalError):
            receipts.apply(now=NOON, limit=10)
    assert receipts.apply(now=NOON, limit=10) == 1
    assert ZaloUser.objects.get().is_follower


def test_effects_cost_no_query_an_event(clinic: Clinic, sent: Message, django_assert_max_num_queries: Any) -> None:
    def cost(events: int, at: datetime) -> int:
        for number in range(events):
            moment = at + timedelta(seconds=number)
            store(clinic.account, "follow", moment, **follower(f"u{at:%H}{number}"))
            store(clinic.account, "user_feedback", moment, **rating_of(sent, moment))
            store(clinic.account, "change_template_quality", moment, template_id="7001", quality="LOW", n=number)
        with django_assert_max_num_queries(40) as captured:
            assert receipts.apply(now=at, limit=500) == 3 * events
        return len(captured)

    # The first word of a low quality sets a brake, once.
    hear(clinic, "change_template_quality", vn(21, 11, 30), template_id="7001", quality="LOW")
    assert cost(2, vn(21, 12)) == cost(30, vn(21, 13))


def test_old_events_are_forgotten_a_batch_at_a_time_and_what_they_told_is_not(clinic: Clinic, sent: Message) -> None:
    for hour in (12, 13, 14):
        hear(clinic, "follow", vn(21, hour), **follower())
    store(clinic.account, "unfollow", vn(21, 15), **follower())
    later = vn(21, 13, 30) + timedelta(days=90)
    assert [receipts.forget_events(now=later, limit=1) for _ in range(3)] == [1, 1, 0]
    assert receipts.forget_events(now=later + timedelta(days=1), limit=10) == 1
    assert InboundEvent.objects.get().name == "unfollow"  # not applied yet
    assert ZaloUser.objects.get().is_follower
    assert MessageEvent.objects.exists()
