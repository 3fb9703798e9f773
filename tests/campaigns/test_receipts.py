"""Zalo's webhook and what receipts do: signed, once, in any order, never backwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from campaigns import receipts
from campaigns.models import Message
from campaigns.states import MessageState as S
from integrations.base import RetryLater, Unknown
from integrations.models import InboundEvent
from integrations.zalo.events import signature
from tests import factories
from tests.campaigns.story import Clinic, make_account, vn

SECRET = "khóa-oa"


def delivered(clinic: Clinic, message: Message, **changes: Any) -> dict[str, Any]:
    """The event of zalo-api: every id and time is text."""
    body = {
        "app_id": "app-1",
        "event_name": "user_received_message",
        "sender": {"id": clinic.account.oa_id},
        "recipient": {"id": message.phone},
        "message": {
            "delivery_time": str(int(vn(21, 11, 1).timestamp() * 1000)),
            "msg_id": message.msg_id or "zalo-only",
            "tracking_id": message.tracking_id,
        },
        "timestamp": str(int(vn(21, 11, 1).timestamp() * 1000)),
    }
    return {**body, **changes}


def post(body: dict[str, Any], *, secret: str = SECRET, app_id: str = "app-1", sign: bool = True) -> Any:
    """Call the webhook as Zalo does."""
    raw = json.dumps(body).encode()
    mac = signature(app_id=app_id, raw=raw, timestamp=str(body.get("timestamp", "")), secret=secret)
    headers = {"X-ZEvent-Signature": mac} if sign else {}
    return Client().post(f"/hooks/zalo/{app_id}", raw, content_type="application/json", headers=headers)


@pytest.fixture
def sent(clinic: Clinic) -> Message:
    """A message that Zalo took at 11:00."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    return clinic.message()


def test_a_receipt_delivers(clinic: Clinic, sent: Message) -> None:
    assert post(delivered(clinic, sent)).status_code == 200
    clinic.tick()
    message = clinic.message()
    assert (message.state, message.delivered_at) == (S.DELIVERED, vn(21, 11, 1))


def test_a_repeated_receipt_changes_nothing(clinic: Clinic, sent: Message) -> None:
    for _ in range(3):
        assert post(delivered(clinic, sent)).status_code == 200
    clinic.tick()
    assert InboundEvent.objects.count() == 1
    assert post(delivered(clinic, sent)).status_code == 200
    clinic.tick()
    assert clinic.message().events.filter(to_state=S.DELIVERED).count() == 1


def test_a_receipt_ends_the_doubt(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.channel.tell("84912345678", Unknown("outcome_unknown"))
    clinic.at(vn(21, 11))
    assert clinic.message().state == S.UNCONFIRMED
    post(delivered(clinic, clinic.message()))
    clinic.tick()
    assert (clinic.message().state, clinic.message().msg_id) == (S.DELIVERED, "zalo-only")


def test_a_receipt_may_overtake_the_answer(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))

    def receipt_first() -> None:
        post(delivered(clinic, clinic.message()))
        receipts.apply(now=clinic.clock.now(), limit=10)

    clinic.channel.before_answer = receipt_first
    clinic.at(vn(21, 11))
    assert clinic.message().state == S.DELIVERED


def test_an_unsigned_probe_gets_its_200_and_nothing_else(clinic: Clinic, sent: Message) -> None:
    assert post(delivered(clinic, sent), sign=False).status_code == 200
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "arguments", "status"),
    [
        ({}, {"secret": "sai"}, 401),
        ({}, {"app_id": "app-lạ"}, 404),
        ({"sender": {"id": "oa-lạ"}}, {}, 404),
        ({"event_name": 5}, {}, 400),
    ],
)
def test_forged_or_foreign_events_are_refused_and_not_kept(
    clinic: Clinic, sent: Message, changes: dict[str, Any], arguments: dict[str, Any], status: int
) -> None:
    response = post(delivered(clinic, sent, **changes), **arguments)
    assert response.status_code == status
    assert response.json()["message"]
    assert not InboundEvent.objects.exists()


def test_what_is_not_json_is_refused(clinic: Clinic) -> None:
    response = Client().post(
        "/hooks/zalo/app-1", b"\xff{", content_type="application/json", headers={"X-ZEvent-Signature": "mac=1"}
    )
    assert response.status_code == 400


def test_another_accounts_receipt_says_nothing_about_our_message(clinic: Clinic, sent: Message) -> None:
    other = make_account(factories.make_workspace("Khác"), oa_id="oa-khác", app_id="app-1", oa_secret_key=SECRET)
    post(delivered(clinic, sent, sender={"id": other.oa_id}))
    clinic.tick()
    assert clinic.message().state == S.SENT
    assert InboundEvent.objects.get().outcome == "message_unknown"


def test_an_event_we_do_not_handle_is_kept_and_named(clinic: Clinic) -> None:
    body = {"app_id": "app-1", "event_name": "user_withdraw", "oa_id": clinic.account.oa_id, "timestamp": "1"}
    assert post(body).status_code == 200
    clinic.tick()
    assert InboundEvent.objects.get().outcome == "not_handled"


def test_a_receipt_for_a_message_that_waits_for_another_try_ends_it(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.channel.tell("84912345678", RetryLater("vendor_busy", {"code": -100}))
    clinic.at(vn(21, 11))
    assert clinic.message().state == S.SCHEDULED
    post(delivered(clinic, clinic.message()))
    clinic.at(vn(21, 11, 5))
    assert clinic.message().state == S.DELIVERED
    assert len(clinic.channel.sent) == 1
