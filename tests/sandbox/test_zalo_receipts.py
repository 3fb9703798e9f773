"""Receipts: due when, signed how, tried how often."""

import json
import logging
from datetime import timedelta

import pytest
import requests
import responses
from django.core.management import call_command
from django.db import OperationalError

from sandbox import clock
from sandbox.http import session
from sandbox.models import Account, Message
from sandbox.zalo import events, posting, receipts, services
from tests.sandbox.zalo_story import APP, HOA, HOOK, NOON, OA, OA_KEY, ask, make_account, post_json, send, set_clock

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]
ARRIVED = NOON + timedelta(seconds=1)


@pytest.fixture
def hook():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        network.post(HOOK, status=200)
        yield network


@pytest.fixture
def msg_id(client):
    return send(client, make_account()["access_token"])["data"]["msg_id"]


def test_a_receipt_is_posted_once_a_second_later(msg_id, hook):
    assert receipts.post_due(NOON, 100) == 0
    assert receipts.post_due(ARRIVED, 100) == 1
    assert receipts.post_due(ARRIVED + timedelta(days=1), 100) == 0
    assert len(hook.calls) == 1


def test_the_webhook_is_zalos(msg_id, hook):
    receipts.post_due(NOON + timedelta(hours=2), 100)
    request = hook.calls[0].request
    told = str(int(ARRIVED.timestamp() * 1000))
    assert json.loads(request.body) == {
        "sender": {"id": OA},
        "recipient": {"id": HOA},
        "event_name": "user_received_message",
        "message": {"delivery_time": told, "msg_id": msg_id, "tracking_id": "t1"},
        "app_id": APP,
        "timestamp": told,
    }
    assert request.headers["X-ZEvent-Signature"] == f"mac={events.signature(APP, request.body, told, OA_KEY)}"
    assert request.headers["X-ZEvent-Server"] == "ZNS"
    assert "num_retry" not in request.headers


def test_a_webhook_that_fails_is_tried_five_more_times(msg_id, hook):
    hook.replace(responses.POST, HOOK, status=500)
    now = ARRIVED
    for wait_s in (30, 300, 900, 1800, 3600):
        assert receipts.post_due(now, 100) == 1
        now += timedelta(seconds=wait_s)
        assert receipts.post_due(now - timedelta(seconds=1), 100) == 0
    assert receipts.post_due(now, 100) == 1
    assert receipts.post_due(now + timedelta(days=1), 100) == 0
    assert [call.request.headers.get("num_retry") for call in hook.calls] == [None, "1", "2", "3", "4", "5"]


def test_a_receipt_taken_at_the_second_try_is_done(msg_id, hook):
    hook.replace(responses.POST, HOOK, status=503)
    receipts.post_due(ARRIVED, 100)
    hook.replace(responses.POST, HOOK, status=200)
    assert receipts.post_due(ARRIVED + timedelta(seconds=30), 100) == 1
    message = Message.objects.get()
    assert (message.receipt_due_at, message.receipt_posted_at) == (None, ARRIVED + timedelta(seconds=30))


def test_nobody_listens(msg_id, hook):
    hook.replace(responses.POST, HOOK, body=requests.ConnectionError("refused"))
    assert receipts.post_due(ARRIVED, 100) == 1
    assert Message.objects.get().receipt_attempts == 1


def test_a_receipt_in_other_hands_is_left_alone_until_the_lease_ends(msg_id, hook):
    assert len(posting.claim(receipts.QUEUE, ARRIVED, 100)) == 1  # a poster that dies now
    assert receipts.post_due(ARRIVED + timedelta(seconds=59), 100) == 0
    assert receipts.post_due(ARRIVED + posting.LEASE, 100) == 1


def test_no_webhook_no_receipt(client, hook):
    send(client, make_account(webhook_url="")["access_token"])
    receipts.post_due(ARRIVED, 100)
    assert not hook.calls
    assert Message.objects.get().receipt_due_at is None


def test_limit_and_order(client, hook):
    token = make_account()["access_token"]
    for n in range(3):
        send(client, token, tracking_id=f"t{n}")
    assert [receipts.post_due(ARRIVED, 2), receipts.post_due(ARRIVED, 2)] == [2, 1]


@pytest.mark.parametrize(
    ("script", "posts", "posts_an_hour_later", "status"),
    [
        ({"kind": "receipt_missing"}, 0, 0, 1),
        ({"kind": "receipt_duplicate"}, 2, 2, 1),
        ({"kind": "receipt_late", "seconds": 600}, 0, 1, 1),
        ({"kind": "undelivered"}, 0, 0, 0),
    ],
)
def test_faults_on_the_way_back(client, hook, monkeypatch, script, posts, posts_an_hour_later, status):
    token = make_account()["access_token"]
    post_json(client, "zalo/faults", script)
    msg_id = send(client, token)["data"]["msg_id"]
    receipts.post_due(ARRIVED, 100)
    assert len(hook.calls) == posts
    receipts.post_due(ARRIVED + timedelta(hours=1), 100)
    assert len(hook.calls) == posts_an_hour_later
    set_clock(monkeypatch, ARRIVED)
    assert ask(client, token, "message/status", message_id=msg_id)["data"]["status"] == status


def test_a_phone_that_is_off_gives_no_receipt(client, hook):
    token = make_account()["access_token"]
    services.set_recipient(phone=HOA, reachable=False)
    send(client, token)
    assert receipts.post_due(NOON + timedelta(days=1), 100) == 0


def test_the_delay_is_the_accounts(client, hook):
    send(client, make_account(receipt_delay_s=90)["access_token"])
    assert [receipts.post_due(NOON + timedelta(seconds=s), 9) for s in (89, 90)] == [0, 1]


def test_the_command_posts_one_round(msg_id, hook, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ARRIVED)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    call_command("sandbox", "--once")
    assert len(hook.calls) == 1


def test_the_command_survives_a_database_in_trouble(monkeypatch, caplog):
    def locked(now, limit):
        raise OperationalError("database is locked")

    monkeypatch.setattr(receipts, "post_due", locked)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with caplog.at_level(logging.CRITICAL):
        call_command("sandbox", "--once")


def test_the_session_asks_no_proxy():
    assert session.trust_env is False
    assert Account.objects.count() == 0
