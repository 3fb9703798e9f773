"""By user id: approved templates and consultation messages, with every shape of answer that the documents show."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from accounts.models import Workspace
from integrations.base import Accepted, ChannelName, NotNow, OutgoingMessage, Refused
from integrations.models import OfficialAccount
from integrations.registry import channel
from integrations.zalo.channel import ZaloChannel
from integrations.zalo.uid import ChatChannel, UidChannel
from sandbox.models import Account, Template
from sandbox.zalo import behaviour
from tests.campaigns.story import HandClock, vn
from tests.integrations.zalo_side import (
    PAIR,
    SEND_CHAT,
    SEND_UID,
    TOKEN,
    connected_to_sandbox,
    send_one,
    wire,
)
from tests.sandbox import zalo_story

SENT = "1795233600000"


@responses.activate
def test_a_template_goes_to_a_user_id_without_a_tracking_id(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(SEND_UID, json={"error": 0, "data": {"message_id": "m1"}})
    assert send_one(UidChannel(), account, clock) == Accepted("m1")
    request = responses.calls[0].request
    assert request.headers["access_token"] == "token-1"
    assert json.loads(request.body or b"") == {
        "user_id": "u-1",
        "template_id": "7001",
        "template_data": {"customer_name": "Hoa"},
    }


@responses.activate
def test_a_consultation_message_is_its_text(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(SEND_CHAT, json={"error": 0, "message": "Success", "data": {"message_id": "m1"}})
    assert send_one(ChatChannel(), account, clock) == Accepted("m1")
    assert json.loads(responses.calls[0].request.body or b"") == {
        "recipient": {"user_id": "u-1"},
        "message": {"text": "Chào chị Hoa"},
    }


@responses.activate
@pytest.mark.parametrize(
    ("body", "is_free"),
    [
        pytest.param(
            {"data": {"sent_time": SENT, "quota": {"quota_type": "purchase_quota", "remain": 4821}}}, False, id="within"
        ),
        pytest.param(
            {"sent_time": int(SENT), "data": {"quota": {"quota_type": "sub_quota", "owner_type": "OA"}}},
            False,
            id="time beside",
        ),
        pytest.param({"sent_time": SENT, "quota": {"quota_type": "reply"}, "data": {}}, True, id="both beside"),
        pytest.param({"data": {"sent_time": SENT, "quota": {"quota_type": "welcome_msg"}}}, True, id="first word"),
        pytest.param({"data": {"sent_time": SENT, "quota": {"quota_type": ["odd"]}}}, False, id="odd"),
    ],
)
def test_both_documented_shapes_of_the_answer(
    account: OfficialAccount, clock: HandClock, body: dict[str, Any], is_free: bool
) -> None:
    body["data"]["message_id"] = "m1"
    responses.post(SEND_UID, json={"error": 0, "message": "Success", **body})
    # What remains of a package is no place in the account's day.
    assert send_one(UidChannel(), account, clock) == Accepted("m1", vn(21, 11), is_free=is_free)


@responses.activate
@pytest.mark.parametrize("way", [UidChannel(), ChatChannel()], ids=lambda way: str(way.name))
@pytest.mark.parametrize("code", [-216, -220, -124])
def test_a_dead_token_is_refreshed_once_and_asked_with_once_more(
    account: OfficialAccount, clock: HandClock, way: ZaloChannel, code: int
) -> None:
    for address in (SEND_UID, SEND_CHAT):
        responses.post(address, json={"error": code, "message": "Access token is invalid"})
    responses.post(TOKEN, json=PAIR)
    assert isinstance(send_one(way, account, clock), NotNow)
    assert [call.request.headers.get("access_token") for call in responses.calls] == ["token-1", None, "token-2"]


@responses.activate
def test_its_codes_are_those_of_its_own_host(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(SEND_UID, json={"error": -100, "message": "attachment_id was expired"})
    result = send_one(UidChannel(), account, clock)
    assert isinstance(result, Refused)
    assert result.reason == "template_refused"


@pytest.fixture
def theirs(workspace: Workspace, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> OfficialAccount:
    """An account at the sandbox, to which this patient wrote an hour ago; its templates are new enough to go by id."""
    wire(monkeypatch, clock)
    account = connected_to_sandbox(workspace, clock)
    Template.objects.update(created_at=vn(1))
    clock.advance(hours=-1)
    behaviour.write(person(), "Cảm ơn", at=clock.now())
    clock.advance(hours=1)
    return account


def person() -> Any:
    """The patient as the sandbox's account knows them."""
    return behaviour.user_of(Account.objects.get(), zalo_story.HOA)


def outgoing() -> OutgoingMessage:
    params = {"customer_name": "Hoa", "customer_id": "KH001"}
    return OutgoingMessage("t-1", zalo_story.HOA, zalo_story.CARE, params, user_id=person().user_id, text="Chào chị")


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.parametrize(("name", "is_free"), [(ChannelName.UID, False), (ChannelName.CHAT, True)])
def test_the_sandbox_takes_both(theirs: OfficialAccount, clock: HandClock, name: ChannelName, is_free: bool) -> None:
    result = send_one(channel(name), theirs, clock, outgoing())
    assert isinstance(result, Accepted), result
    assert (bool(result.msg_id), result.sent_at or clock.now(), result.is_free) == (True, clock.now(), is_free)


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_after_seven_days_of_silence_the_sandbox_closes_the_chat_and_another_way_may_help(
    theirs: OfficialAccount, clock: HandClock
) -> None:
    message = outgoing()
    clock.advance(days=7, hours=1)
    result = send_one(channel(ChannelName.CHAT), theirs, clock, message)
    assert isinstance(result, Refused), result
    assert (result.reason, result.scope) == ("chat_window_closed", "recipient")
