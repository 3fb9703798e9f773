"""Consultation messages: whom the account may answer, until when, and what it costs."""

from datetime import timedelta

import pytest

from sandbox.models import Account, Message, User
from sandbox.zalo import services
from tests.sandbox.zalo_story import HOA, NOON, OA, make_user, post_json

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]


def user(silent_for=timedelta(hours=1)):
    seen = None if silent_for is None else NOON - silent_for
    return make_user(oa_id=OA, phone=HOA, name="Hoa", follows=True, last_interaction_at=seen)


def consult(client, token, user_id, **message):
    body = {"recipient": {"user_id": user_id}, "message": message or {"text": "Chào chị Hoa"}}
    return post_json(client, "zalo/openapi/v3.0/oa/message/cs", body, access_token=token).json()


def kind_of(answer):
    return answer["error"] or answer["data"]["quota"]["quota_type"]


def test_a_reply_is_stored_and_shown_on_the_phone(client, token):
    answer = consult(client, token, user())
    message = Message.objects.get()
    assert answer["data"]["message_id"] == message.msg_id
    assert (message.channel, message.text, message.template, message.phone) == ("cs", "Chào chị Hoa", None, HOA)
    assert "Chào chị Hoa" in client.get(f"/sandbox/zalo/inbox/{HOA}/").content.decode()


@pytest.mark.parametrize(
    ("silent_for", "kind"),
    [
        (timedelta(0), "reply"),
        (timedelta(hours=48), "reply"),
        (timedelta(hours=48, seconds=1), "sub_quota"),
        (timedelta(days=7), "sub_quota"),
        (timedelta(days=7, seconds=1), -230),
        (timedelta(days=46), -227),
        (None, -231),
    ],
)
def test_windows(client, token, silent_for, kind):
    assert kind_of(consult(client, token, user(silent_for))) == kind


def test_the_2024_policy_gives_eight_free_replies_and_then_the_package_and_then_money(client, token):
    Account.objects.update(policy="2024", balance_vnd=55, package="không có gói")
    kinds = [kind_of(consult(client, token, hoa)) for hoa in [user()] * 10]
    assert kinds == ["reply"] * 8 + ["purchase_quota", -211]


def test_since_2026_replies_have_no_end(client, token):
    Account.objects.update(balance_vnd=0, package="không có gói")
    assert {kind_of(consult(client, token, hoa)) for hoa in [user()] * 12} == {"reply"}


def test_a_package_has_so_many_a_month(client, token, monkeypatch):
    monkeypatch.setattr("sandbox.zalo.chat.PACKAGES", {"Nâng cao": 2})
    hoa = user(timedelta(days=3))
    assert [kind_of(consult(client, token, hoa)) for _ in range(3)] == ["sub_quota", "sub_quota", "purchase_quota"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": ""}, -201),
        ({"text": " "}, -201),
        ({"text": 5}, -201),
        ({"text": "a" * 2000}, 0),
        ({"text": "a" * 2001}, -210),
        ({"attachment": {"type": "template", "payload": {"template_type": "request_user_info"}}}, 0),
        ({"attachment": "x"}, -201),
    ],
)
def test_messages(client, token, message, code):
    assert consult(client, token, user(), **message)["error"] == code


@pytest.mark.parametrize("person", [{"blocked": True}, {"refusal": -139}, {"on_zalo": False}])
def test_whoever_does_not_want_it_gets_nothing(client, token, person):
    hoa = user()
    services.set_recipient(phone=HOA, **person)
    assert consult(client, token, hoa)["error"] in (-244, -227)
    assert not Message.objects.exists()
    assert User.objects.get().free_replies_used == 0


def test_who_is_not_known(client, token):
    assert consult(client, token, "1") == {"error": -201, "message": "user_id is invalid!"}
    assert consult(client, "guess", "1")["error"] == -216


@pytest.mark.parametrize(("body", "error"), [("", -201), ("{", -201), ({}, -201), ({"recipient": 5}, -201)])
def test_bodies_that_say_nothing(client, token, body, error):
    assert post_json(client, "zalo/openapi/v3.0/oa/message/cs", body, access_token=token).json()["error"] == error
