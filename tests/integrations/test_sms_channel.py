"""SMS through eSMS: what is said, what each code means, and that a second try is never a second SMS."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import requests
import responses
from django.conf import settings
from django.test import Client

from accounts.models import Workspace
from integrations.base import (
    Accepted,
    ChannelName,
    NotNow,
    OutgoingMessage,
    Refused,
    Reopens,
    RetryLater,
    Scope,
    Unknown,
)
from integrations.models import OfficialAccount, SmsAccount
from integrations.registry import channel
from integrations.sms import channel as ours
from integrations.sms.channel import SmsChannel
from sandbox.esms import services
from sandbox.models import SmsBrand
from sandbox.zalo import faults
from tests.campaigns.story import HandClock, vn
from tests.integrations.zalo_side import send_one, wire

URL = f"{settings.ESMS_BASE}/MainService.svc/json/SendMultipleMessage_V4_post_json/"
MESSAGE = OutgoingMessage("t-1", "84912345678", "7001", {}, text="Chào chị Hoa, hẹn tái khám 08:00.")


@pytest.fixture
def sms(workspace: Workspace) -> SmsAccount:
    """The clinic's account at eSMS."""
    return SmsAccount.objects.create(workspace=workspace, api_key="key", secret_key="secret", brandname="NHAKHOA")


def send(account: OfficialAccount, clock: HandClock) -> Any:
    """One SMS through the real channel."""
    return send_one(channel(ChannelName.SMS), account, clock, MESSAGE)


@responses.activate
def test_it_says_what_esms_documents(account: OfficialAccount, clock: HandClock, sms: SmsAccount) -> None:
    responses.post(URL, json={"CodeResult": "100", "CountRegenerate": 0, "SMSID": "d533"})
    assert send(account, clock) == Accepted("d533")
    assert json.loads(responses.calls[0].request.body or b"") == {
        "ApiKey": "key",
        "SecretKey": "secret",
        "Brandname": "NHAKHOA",
        "SmsType": "2",
        "IsUnicode": "0",
        "Phone": "0912345678",
        "Content": "Chao chi Hoa, hen tai kham 08:00.",
        "RequestId": "t-1",
    }


def account_fault(code: str, **more: object) -> NotNow:
    return NotNow("sms_blocked", Scope.ACCOUNT, Reopens.BY_HAND, {**more, "code": code, "vendor": "…"})


def refusal(code: str, scope: Scope) -> Refused:
    return Refused("sms_refused", scope, {"code": code, "vendor": "…"})


@responses.activate
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *[(code, account_fault(code)) for code in ("101", "102", "104", "118", "140", "300")],
        ("103", account_fault("103", money=True)),
        *[(code, refusal(code, Scope.TEMPLATE)) for code in ("107", "120", "146")],
        *[(code, refusal(code, Scope.RECIPIENT)) for code in ("99", "108", "177")],
        (108, refusal("108", Scope.RECIPIENT)),
        ("4711", RetryLater("vendor_busy", {"code": "4711", "vendor": "…", "unknown_code": True})),
    ],
)
def test_error_codes(account: OfficialAccount, clock: HandClock, sms: SmsAccount, code: str, expected: object) -> None:
    responses.post(URL, json={"CodeResult": code, "CountRegenerate": 0, "ErrorMessage": "…"})
    assert send(account, clock) == expected


@responses.activate
def test_an_unknown_code_is_said_aloud_once(
    account: OfficialAccount, clock: HandClock, sms: SmsAccount, caplog: pytest.LogCaptureFixture
) -> None:
    ours._say_aloud.cache_clear()
    responses.post(URL, json={"CodeResult": "4711"})
    with caplog.at_level(logging.ERROR):
        send(account, clock)
        send(account, clock)
    assert len(caplog.records) == 1


@responses.activate
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"SendStatus": "5"}, Accepted("")),
        ({"SendStatus": 7, "SMSID": "d533"}, Accepted("d533")),
        ({"SendStatus": "2"}, Unknown("outcome_unknown", {"code": "124", "status": "2"})),
        ({"SendStatus": "4"}, Unknown("outcome_unknown", {"code": "124", "status": "4"})),
        ({}, Unknown("outcome_unknown", {"code": "124", "status": ""})),
    ],
)
def test_a_request_that_esms_has_seen_went_out_only_if_it_says_so(
    account: OfficialAccount, clock: HandClock, sms: SmsAccount, status: dict[str, Any], expected: object
) -> None:
    responses.post(URL, json={"CodeResult": "124", "ErrorMessage": "Request exist 1", **status})
    assert send(account, clock) == expected


@responses.activate
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 429}, NotNow),
        ({"status": 503, "json": {"CodeResult": "100"}}, Unknown),
        ({"status": 200, "body": "<html>"}, Unknown),
        ({"status": 200, "json": {"error": "Invalid request"}}, Unknown),
        ({"status": 200, "json": {"CodeResult": ["100"]}}, RetryLater),
        ({"body": requests.exceptions.ReadTimeout()}, Unknown),
        ({"body": requests.exceptions.InvalidHeader()}, NotNow),
    ],
)
def test_the_networks_answers(
    account: OfficialAccount, clock: HandClock, sms: SmsAccount, answer: dict[str, Any], kind: type
) -> None:
    responses.post(URL, **answer)
    assert isinstance(send(account, clock), kind)


@pytest.mark.parametrize("connected", [True, False], ids=["it is blocked", "there is none"])
def test_without_an_sms_account_that_may_send_nothing_is_opened(
    account: OfficialAccount, clock: HandClock, sms: SmsAccount, connected: bool
) -> None:
    if connected:
        SmsAccount.objects.update(blocked_reason="sms_blocked")
    else:
        sms.delete()
    assert not SmsChannel().open(account, clock)


@pytest.fixture
def at_sandbox(account: OfficialAccount, clock: HandClock, sms: SmsAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's brand name at the sandbox's eSMS, with money for two."""
    wire(monkeypatch, clock)
    services.connect_brand(api_key="key", secret_key="secret", brandname="NHAKHOA", balance_vnd=1_700)


def arrived() -> list[tuple[str, str]]:
    """Phone and text of every SMS that came."""
    found = Client().get("/sandbox/esms/sms.json", {"phone": "0912345678"}).json()
    return [(each["phone"], each["text"]) for each in found]


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_the_sandbox_takes_a_request_once(account: OfficialAccount, clock: HandClock, at_sandbox: None) -> None:
    first, second = send(account, clock), send(account, clock)
    assert isinstance(first, Accepted)
    assert first.msg_id
    assert second == Accepted("")
    assert arrived() == [("84912345678", "Chao chi Hoa, hen tai kham 08:00.")]
    assert SmsBrand.objects.get().balance_vnd == 850


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.parametrize(
    ("brand", "code"),
    [({"secret_key": "?"}, "101"), ({"brandname": "KHAC"}, "104"), ({"balance_vnd": 849}, "103")],
)
def test_the_sandbox_refuses_as_esms_does(
    account: OfficialAccount, clock: HandClock, at_sandbox: None, brand: dict[str, Any], code: str
) -> None:
    SmsBrand.objects.update(**brand)
    result = send(account, clock)
    assert isinstance(result, NotNow)
    assert (result.scope, result.facts["code"], arrived()) == (Scope.ACCOUNT, code, [])
    services.connect_brand(api_key="key", secret_key="secret", brandname="NHAKHOA")
    assert isinstance(send(account, clock), Accepted), "mended by a person, the same request goes out"


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.parametrize(
    ("fault", "kind", "came"),
    [
        ({"kind": "error", "code": -146}, Refused, 0),
        ({"kind": "http_429"}, NotNow, 0),
        ({"kind": "http_500"}, Unknown, 0),
        ({"kind": "lost_answer"}, Unknown, 1),
        ({"kind": "truncated_json"}, Unknown, 1),
    ],
)
def test_scripted_faults(
    account: OfficialAccount, clock: HandClock, at_sandbox: None, fault: dict[str, Any], kind: type, came: int
) -> None:
    faults.add(faults.parse({**fault, "path": services.PATH, "phone": "0912345678"}))
    assert isinstance(send(account, clock), kind)
    assert len(arrived()) == came
    assert isinstance(send(account, clock), Accepted), "a fault strikes once"
    assert len(arrived()) == 1


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_the_rest_of_what_the_sandbox_refuses(at_sandbox: None) -> None:
    keys = {"ApiKey": "key", "SecretKey": "secret", "Brandname": "NHAKHOA", "SmsType": "2", "Content": "a"}
    good = {**keys, "Phone": "0912345678"}
    for wrong, code in (({"Phone": "123"}, "108"), ({"SmsType": "1"}, "118"), ({"Content": " "}, "146")):
        assert services.send({**good, **wrong}, vn(21)).body["CodeResult"] == code
    assert Client().post(URL, "?", content_type="application/json").json() == {"error": "Invalid request"}
    for _ in range(2):
        assert services.send(good, vn(21)).body["CodeResult"] == "100", "without a request id nothing is the same"
