"""Zalo's events come in any order, and again: what they leave behind is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import receipts, status_poll
from campaigns.models import Message, QuotaWindow, Reaction
from campaigns.states import MessageState as S
from integrations.http import Reply
from integrations.models import MessageTemplate, OfficialAccount, ZaloUser
from integrations.zalo import api
from tests.campaigns.events import USER, delivery_of, follower, hear, rating_of, words
from tests.campaigns.story import Clinic, vn

HOUR = 13
DELIVERED = vn(21, 11, 30)


def poll(clinic: Clinic, message: Message) -> None:
    """Zalo says that it is not on the phone, though its receipt may tell of an earlier moment."""
    clinic.clock.moment = vn(21, HOUR, 2)
    Message.objects.filter(state=S.SENT).update(poll_at=vn(21, HOUR, 1))
    status_poll.poll(clock=clinic.clock, limit=10)


def told(name: str, minute: int, **body: Any) -> Callable[[Clinic, Message], None]:
    return lambda clinic, _: receipts_of(clinic, name, minute, body)


def receipts_of(clinic: Clinic, name: str, minute: int, body: dict[str, Any]) -> None:
    hear(clinic, name, vn(21, HOUR, minute), **body)


HAPPENINGS: dict[str, Callable[[Clinic, Message], None]] = {
    "delivered": lambda clinic, message: receipts_of(
        clinic, "user_received_message", 3, delivery_of(message, DELIVERED)
    ),
    "polled": poll,
    "rated": lambda clinic, message: receipts_of(clinic, "user_feedback", 4, rating_of(message, vn(21, HOUR, 4))),
    "followed": told("follow", 5, **follower()),
    "left": told("unfollow", 6, **follower()),
    "wrote": told("user_send_text", 7, **words()),
    "gave a phone": told("user_submit_info", 8, sender={"id": USER}, info={"phone": "0912345678"}),
    "gave another": told("user_submit_info", 9, sender={"id": USER}, info={"phone": "0987654321"}),
    "stepped down": told("change_oa_daily_quota", 10, quota={"new_value": 10_000}),
    "stepped up": told("change_oa_daily_quota", 11, quota={"new_value": 20_000}),
    "paused": told("change_template_status", 12, template_id="7001", status={"new_status": "DISABLE"}, reason="kém"),
    "back in use": told("change_template_status", 13, template_id="7001", status={"new_status": "ENABLE"}),
    "poor": told("change_template_quality", 14, template_id="7001", quality="LOW"),
}


def left_behind() -> dict[str, Any]:
    """All that the happenings speak of."""
    message = Message.objects.values("state", "delivered_at", "price_vnd", "sent_at", "poll_at", "msg_id", "claims")
    return {
        "message": message.get(),
        "places": list(QuotaWindow.objects.order_by("key").values_list("key", "used")),
        "reactions": list(Reaction.objects.values_list("rate", "note", "at", "message")),
        "people": list(
            ZaloUser.objects.values_list("user_id", "phone", "is_follower", "last_interaction_at", "told_at")
        ),
        "account": OfficialAccount.objects.values_list("daily_quota", "allowed_tags").get(),
        "template": MessageTemplate.objects.values_list("status", "reason", "quality").get(),
    }


def after(clinic: Clinic, message: Message, order: list[str]) -> dict[str, Any]:
    """What is left behind by the happenings in this order, which is then undone."""
    with transaction.atomic():
        for name in order:
            HAPPENINGS[name](clinic, message)
        found = left_behind()
        transaction.set_rollback(True)
    return found


@pytest.fixture
def sent(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Message:
    """A message that Zalo took at 11:00, and a Zalo that says it was not delivered."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    account = OfficialAccount.objects.get()
    account.access_token = "token"
    account.save(update_fields=["access_token"])
    answer = Reply(200, {"error": 0, "data": {"status": 0}})
    monkeypatch.setattr(api, "message_status", lambda key, msg_id: answer)
    return clinic.message()


@pytest.fixture
def expected(clinic: Clinic, sent: Message) -> dict[str, Any]:
    """What everything once, in its natural order, leaves behind."""
    return after(clinic, sent, list(HAPPENINGS))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_with_any_repeats_ends_the_same(
    clinic: Clinic, sent: Message, expected: dict[str, Any], data: st.DataObject
) -> None:
    assert expected["message"]["state"] == S.DELIVERED
    assert (expected["message"]["delivered_at"], expected["message"]["price_vnd"]) == (DELIVERED, 200)
    order = data.draw(
        st.permutations([*HAPPENINGS, *data.draw(st.lists(st.sampled_from(list(HAPPENINGS)), max_size=4))])
    )
    assert after(clinic, sent, order) == expected


def test_all_at_once_ends_the_same_as_one_by_one(
    clinic: Clinic, sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = after(clinic, sent, [name for name in HAPPENINGS if name != "polled"])
    apply = receipts.apply
    with transaction.atomic(), monkeypatch.context() as patch:
        patch.setattr(receipts, "apply", lambda **_: 0)
        for name in reversed([name for name in HAPPENINGS if name != "polled"]):
            HAPPENINGS[name](clinic, sent)
        assert apply(now=vn(21, 14), limit=100) == len(HAPPENINGS) - 1
        assert left_behind() == expected
        transaction.set_rollback(True)
