"""Events other than receipts: signed how, tried how often, spoilt how; and the probe when a webhook is saved."""

import hashlib
import json
from datetime import timedelta

import pytest
import responses

from sandbox.models import Account, Outbox
from sandbox.zalo import events, faults, outbox, posting
from tests.sandbox.zalo_story import APP, HOOK, NOON, OA, OA_KEY, make_account, post_json, set_clock

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
FIELDS = events.change_oa_daily_quota(oa_id=OA, before=20_000, after=50_000)


@pytest.fixture
def hook():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        network.post(HOOK, status=200)
        yield network


@pytest.fixture
def account():
    make_account()
    return Account.objects.get()


def queue(account, name="change_oa_daily_quota", fields=FIELDS, at=NOON):
    outbox.queue(account, name, fields, at=at)


def test_an_event_is_posted_once_when_its_moment_has_come(account, hook):
    queue(account)
    assert outbox.post_due(NOON - timedelta(seconds=1), 9) == 0
    assert outbox.post_due(NOON, 9) == 1
    assert outbox.post_due(NOON + timedelta(days=1), 9) == 0
    assert len(hook.calls) == 1
    assert Outbox.objects.get().posted_at == NOON


def test_the_signature_is_the_documented_one(account, hook):
    queue(account)
    outbox.post_due(NOON, 9)
    request = hook.calls[0].request
    timestamp = str(int(NOON.timestamp() * 1000))
    plain = APP.encode() + request.body + timestamp.encode() + OA_KEY.encode()
    assert request.headers["X-ZEvent-Signature"] == f"mac={hashlib.sha256(plain).hexdigest()}"
    assert json.loads(request.body) == {
        "oaId": OA,
        "quota": {"prev_value": 20_000, "new_value": 50_000},
        "event_name": "change_oa_daily_quota",
        "app_id": APP,
        "timestamp": timestamp,
    }


@pytest.mark.parametrize(
    ("name", "fields", "server"),
    [
        ("change_oa_daily_quota", FIELDS, "ZNS"),
        ("follow", events.followed(oa_id=OA, user_id="1"), None),
        ("user_received_message", events.user_received_message(oa_id=OA, to="1", message={"msg_id": "m"}), None),
    ],
)
def test_only_events_of_zns_name_their_server(account, hook, name, fields, server):
    queue(account, name, fields)
    outbox.post_due(NOON, 9)
    assert hook.calls[0].request.headers.get("X-ZEvent-Server") == server


def test_the_timetable_of_retries(account, hook):
    hook.replace(responses.POST, HOOK, status=500)
    queue(account)
    now = NOON
    for wait_s in (30, 300, 900, 1800, 3600):
        assert outbox.post_due(now, 9) == 1
        now += timedelta(seconds=wait_s)
        assert outbox.post_due(now - timedelta(seconds=1), 9) == 0
    assert outbox.post_due(now, 9) == 1
    assert outbox.post_due(now + timedelta(days=1), 9) == 0
    assert [call.request.headers.get("num_retry") for call in hook.calls] == [None, "1", "2", "3", "4", "5"]
    assert len({call.request.body for call in hook.calls}) == 1
    assert Outbox.objects.get().posted_at is None


def test_two_posters_do_not_both_post(account, hook):
    queue(account)
    assert len(posting.claim(outbox.QUEUE, NOON, 9)) == 1
    assert posting.claim(outbox.QUEUE, NOON, 9) == []
    assert outbox.post_due(NOON, 9) == 0
    assert not hook.calls
    assert outbox.post_due(NOON + posting.LEASE, 9) == 1  # the first one died


def test_a_poster_that_was_given_up_does_not_put_off_what_another_holds(account, hook):
    queue(account)
    [held] = posting.claim(outbox.QUEUE, NOON, 9)
    assert outbox.post_due(NOON + posting.LEASE, 9) == 1
    posting._put_off(outbox.QUEUE, held, NOON + posting.LEASE)
    assert Outbox.objects.get().due_at is None


def test_no_webhook_no_post(account, hook):
    Account.objects.update(webhook_url="")
    queue(account)
    assert outbox.post_due(NOON, 9) == 1
    assert not hook.calls


@pytest.mark.parametrize(
    ("kind", "at_once", "an_hour_later"),
    [("event_missing", 0, 0), ("event_duplicate", 2, 2), ("event_late", 0, 1)],
)
def test_scripted_faults_of_events(account, hook, kind, at_once, an_hour_later):
    faults.add(faults.parse({"kind": kind}))
    queue(account)
    outbox.post_due(NOON, 9)
    assert len(hook.calls) == at_once
    outbox.post_due(NOON + timedelta(hours=1), 9)
    assert len(hook.calls) == an_hour_later
    queue(account)  # the fault is used up
    outbox.post_due(NOON, 9)
    assert len(hook.calls) == an_hour_later + 1
    assert len({call.request.body for call in hook.calls}) == 1


def test_a_fault_of_events_waits_for_an_event(account):
    faults.add(faults.parse({"kind": "event_late"}))
    assert faults.waiting(OA, "84912345678") is None
    assert faults.waiting(OA) is None


def test_a_fault_of_another_account_leaves_ours_alone(account, hook):
    faults.add(faults.parse({"kind": "event_missing", "oa_id": "another"}))
    queue(account)
    assert outbox.post_due(NOON, 9) == 1


@pytest.mark.parametrize(("status", "saved"), [(200, True), (401, False), (204, False), (500, False)])
def test_an_address_is_saved_only_if_it_answers_the_unsigned_probe(client, account, hook, monkeypatch, status, saved):
    set_clock(monkeypatch, NOON)
    other = "http://hooks.test/other"
    hook.post(other, status=status)
    answer = post_json(client, "zalo/stage/webhook", {"oa_id": OA, "url": other})
    assert answer.json() == {"saved": saved}
    assert Account.objects.get().webhook_url == (other if saved else HOOK)
    [probe] = hook.calls
    assert "X-ZEvent-Signature" not in probe.request.headers


def test_a_webhook_is_taken_away_without_a_probe(client, account, hook):
    assert post_json(client, "zalo/stage/webhook", {"oa_id": OA, "url": ""}).json() == {"saved": True}
    assert Account.objects.get().webhook_url == ""
    assert not hook.calls


@pytest.mark.parametrize(("body", "status"), [({"oa_id": "nobody", "url": ""}, 404), ("x", 400)])
def test_a_webhook_of_nobody(client, account, body, status):
    assert post_json(client, "zalo/stage/webhook", body).status_code == status
