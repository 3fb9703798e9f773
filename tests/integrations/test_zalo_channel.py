"""Zalo's answers and the network's, each to one word of the closed vocabulary; and what goes over the wire by phone."""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from typing import Any

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from accounts.models import Workspace
from integrations.base import Accepted, NotNow, OutgoingMessage, RetryLater, SendResult, Unknown
from integrations.models import OfficialAccount
from integrations.zalo import answers
from integrations.zalo.channel import ZnsChannel
from sandbox.models import Account
from tests.campaigns.story import HandClock, vn
from tests.integrations.zalo_side import (
    PAIR,
    SEND,
    SEND_HASHED,
    TOKEN,
    connected_to_sandbox,
    send_one,
    wire,
)
from tests.sandbox import zalo_story

OK = {
    "error": 0,
    "message": "Success",
    "data": {"msg_id": "m1", "sent_time": "1795233600000", "quota": {"dailyQuota": "500", "remainingQuota": "499"}},
}
# printf token-1 | openssl dgst -sha256 -hmac bi-mat
PROOF_OF_TOKEN_1 = "ecc42b83915a3ed83573f2b3b01750f76a44fb0f62905ee2cee0975abcece897"


def send(account: OfficialAccount, clock: HandClock) -> SendResult:
    """One message by phone."""
    return send_one(ZnsChannel(), account, clock)


@responses.activate
def test_it_says_what_zalo_documents(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(SEND, json=OK)
    assert send(account, clock) == Accepted("m1", vn(21, 11), 500, 499)
    request = responses.calls[0].request
    assert request.headers["access_token"] == "token-1"
    assert not {"Authorization", "appsecret_proof"} & request.headers.keys()
    assert json.loads(request.body or b"") == {
        "phone": "84912345678",
        "template_id": "7001",
        "template_data": {"customer_name": "Hoa"},
        "tracking_id": "t-1",
    }


@responses.activate
def test_an_account_that_hides_phones_sends_their_hash(account: OfficialAccount, clock: HandClock) -> None:
    account.hashes_phones = True
    responses.post(SEND_HASHED, json=OK)
    assert isinstance(send(account, clock), Accepted)
    body = json.loads(responses.calls[0].request.body or b"")
    assert body.pop("hash_phone") == sha256(b"84912345678").hexdigest()
    assert body == {"template_id": "7001", "template_data": {"customer_name": "Hoa"}, "tracking_id": "t-1"}


@responses.activate
def test_an_account_that_signs_its_calls_proves_each_token(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.update(signs_calls=True)
    account.refresh_from_db()
    responses.post(SEND, json={"error": -124, "message": "Access token invalid"})
    responses.post(TOKEN, json=PAIR)
    responses.post(SEND, json=OK)
    assert isinstance(send(account, clock), Accepted)
    first, _, second = (call.request.headers for call in responses.calls)
    assert first["appsecret_proof"] == PROOF_OF_TOKEN_1
    assert second["access_token"] == "token-2"
    assert second["appsecret_proof"] not in ("", PROOF_OF_TOKEN_1)


@responses.activate
def test_an_unknown_code_is_said_aloud_once_and_costs_an_attempt(
    account: OfficialAccount, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    answers._say_aloud.cache_clear()
    responses.post(SEND, json={"error": -98765, "message": "…"})
    with caplog.at_level(logging.ERROR):
        results = [send(account, clock), send(account, clock)]
    assert results == [RetryLater("vendor_busy", {"code": -98765, "zalo": "…", "unknown_code": True})] * 2
    assert [record.getMessage() for record in caplog.records] == [
        "zalo: the business host answered with code -98765, which we do not know; it is taken for passing"
    ]


def _refused_connection() -> requests.exceptions.ConnectionError:
    cause = NewConnectionError(None, "refused")  # type: ignore[arg-type]
    return requests.exceptions.ConnectionError(MaxRetryError(None, "/", cause))  # type: ignore[arg-type]


def _tls_fault(why: str) -> requests.exceptions.SSLError:
    return requests.exceptions.SSLError(MaxRetryError(None, "/", SSLError(why)))  # type: ignore[arg-type]


@responses.activate
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 429}, NotNow),
        ({"status": 503, "json": {"error": 503, "message": "busy"}}, Unknown),
        ({"status": 408, "json": {"error": 1}}, Unknown),
        ({"status": 200, "json": {"error": 0, "data": "m1"}}, Unknown),
        ({"status": 200, "json": {"error": [-124]}}, Unknown),
        (
            {"status": 200, "json": {"error": 0, "data": {"msg_id": "m1", "quota": "9", "sent_time": "9" * 20}}},
            Accepted,
        ),
        ({"status": 500, "body": "<html>"}, Unknown),
        ({"status": 502, "body": ""}, Unknown),
        ({"status": 200, "body": '{"error": 0, "da'}, Unknown),
        ({"status": 200, "json": {"error": 0, "data": {}}}, Unknown),
        ({"status": 200, "json": []}, Unknown),
        ({"body": requests.exceptions.ReadTimeout()}, Unknown),
        ({"body": requests.exceptions.ConnectionError("reset")}, Unknown),
        ({"body": requests.exceptions.ChunkedEncodingError()}, Unknown),
        ({"body": _refused_connection()}, NotNow),
        ({"body": requests.exceptions.InvalidHeader()}, NotNow),
        ({"body": _tls_fault("CERTIFICATE_VERIFY_FAILED")}, NotNow),
        ({"body": _tls_fault("bad record mac")}, Unknown),
    ],
)
def test_the_networks_answers(account: OfficialAccount, clock: HandClock, answer: dict[str, Any], kind: type) -> None:
    responses.post(SEND, **answer)
    assert isinstance(send(account, clock), kind)


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.parametrize("hashes", [False, True], ids=["by phone", "by hash"])
@pytest.mark.parametrize("proof", [False, True], ids=["unsigned", "signed"])
def test_the_sandbox_takes_it(
    workspace: Workspace, clock: HandClock, monkeypatch: pytest.MonkeyPatch, hashes: bool, proof: bool
) -> None:
    wire(monkeypatch, clock)
    account = connected_to_sandbox(workspace, clock, wants_proof=proof)
    account.hashes_phones, account.signs_calls = hashes, proof
    account.save()
    message = OutgoingMessage("t-1", zalo_story.HOA, zalo_story.CARE, {"customer_name": "Hoa", "customer_id": "KH001"})
    result = send_one(ZnsChannel(), account, clock, message)
    assert isinstance(result, Accepted)
    assert (result.sent_at, result.daily_quota, result.remaining_quota) == (clock.now(), 20_000, 19_999)


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_a_token_that_died_at_zalo_costs_one_refresh_and_no_message(
    workspace: Workspace, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire(monkeypatch, clock)
    account = connected_to_sandbox(workspace, clock)
    old = account.access_token
    Account.objects.update(access_expires_at=clock.now())
    message = OutgoingMessage("t-1", zalo_story.HOA, zalo_story.CARE, {"customer_name": "Hoa", "customer_id": "KH001"})
    channel = ZnsChannel()
    results = channel.send_many(account, [message] * 3, channel.open(account, clock), clock)
    assert all(isinstance(result, Accepted) for result in results)
    account.refresh_from_db()
    assert account.access_token != old
