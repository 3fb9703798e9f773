"""Zalo's answers and the network's, each to one word of the closed vocabulary; and the token that refreshes itself once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from django.conf import settings
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from accounts.models import Workspace
from integrations.base import Accepted, NotNow, OutgoingMessage, Refused, RetryLater, SendResult, Unknown
from integrations.models import OfficialAccount
from integrations.zalo import tokens
from integrations.zalo.channel import ZnsChannel
from tests.campaigns.story import HandClock, make_account, vn

SEND = f"{settings.ZALO_BUSINESS_BASE}/message/template"
TOKEN = f"{settings.ZALO_OAUTH_BASE}/v4/oa/access_token"
MESSAGE = OutgoingMessage("t-1", "84912345678", "7001", {"customer_name": "Hoa"})
OK = {
    "error": 0,
    "message": "Success",
    "data": {"msg_id": "m1", "sent_time": "1795233600000", "quota": {"dailyQuota": "500", "remainingQuota": "499"}},
}
PAIR = {"access_token": "token-2", "refresh_token": "refresh-2", "expires_in": "90000"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock(vn(21, 11))


@pytest.fixture
def account(workspace: Workspace, clock: HandClock) -> OfficialAccount:
    """Connected, with twenty hours left on its token."""
    return make_account(
        workspace,
        app_secret="bi-mat",
        access_token="token-1",
        refresh_token="refresh-1",
        token_expires_at=clock.now() + timedelta(hours=20),
    )


def send(account: OfficialAccount, clock: HandClock) -> SendResult:
    """One message through the real channel."""
    channel = ZnsChannel()
    return channel.send_many(account, [MESSAGE], channel.open(account, clock), clock)[0]


@responses.activate
def test_it_says_what_zalo_documents(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(SEND, json=OK)
    assert send(account, clock) == Accepted("m1", vn(21, 11), 500, 499)
    request = responses.calls[0].request
    assert request.headers["access_token"] == "token-1"
    assert "Authorization" not in request.headers
    assert json.loads(request.body or b"") == {
        "phone": "84912345678",
        "template_id": "7001",
        "template_data": {"customer_name": "Hoa"},
        "tracking_id": "t-1",
    }


@responses.activate
@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (-118, Refused, "not_on_zalo"),
        (-108, Refused, "phone_invalid"),
        (-141, Refused, "recipient_refuses"),
        (-140, Refused, "promotion_not_eligible"),
        (-1121, Refused, "template_refused"),
        (-131, Refused, "template_refused"),
        (-145, Refused, "tag_not_entitled"),
        (-144, NotNow, "daily_quota"),
        (-1441, NotNow, "promotion_month_quota"),
        (-1471, NotNow, "user_month_quota"),
        (-133, NotNow, "zalo_night"),
        (-115, NotNow, "account_blocked"),
        (-137, NotNow, "account_blocked"),
        (-135, NotNow, "account_blocked"),
        (-100, RetryLater, "vendor_busy"),
        (-32, NotNow, "vendor_busy"),
        (-98765, RetryLater, "vendor_busy"),
    ],
)
def test_error_codes(account: OfficialAccount, clock: HandClock, code: int, kind: type, reason: str) -> None:
    responses.post(SEND, json={"error": code, "message": "…"})
    result = send(account, clock)
    assert isinstance(result, kind)
    assert not isinstance(result, Accepted)
    assert result.reason == reason
    assert result.facts["code"] == code


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


@responses.activate
def test_an_expired_token_is_refreshed_and_the_message_sent_once_more(
    account: OfficialAccount, clock: HandClock
) -> None:
    responses.post(SEND, json={"error": -124, "message": "Access token invalid"})
    responses.post(TOKEN, json=PAIR)
    responses.post(SEND, json=OK)
    assert isinstance(send(account, clock), Accepted)
    account.refresh_from_db()
    assert (account.access_token, account.refresh_token) == ("token-2", "refresh-2")
    assert account.token_expires_at == clock.now() + timedelta(seconds=90_000)
    assert account.token_lease_until is None
    refresh = next(call.request for call in responses.calls if call.request.url == TOKEN)
    assert refresh.headers["secret_key"] == "bi-mat"
    assert "grant_type=refresh_token" in str(refresh.body)


@responses.activate
def test_it_refreshes_hours_ahead(account: OfficialAccount, clock: HandClock) -> None:
    clock.advance(hours=16)
    responses.post(TOKEN, json=PAIR)
    assert tokens.current(account, clock) == "token-2"


@responses.activate
def test_a_missing_refresh_token_never_overwrites_the_one_we_have(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(TOKEN, json={"access_token": "token-2", "refresh_token": "", "expires_in": 90000})
    assert tokens.renew(account, stale="token-1", clock=clock, urgent=True) == "token-2"
    account.refresh_from_db()
    assert account.refresh_token == "refresh-1"


@responses.activate
def test_a_broken_grant_blocks_the_account_and_says_why(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(SEND, json={"error": -124, "message": "Access token invalid"})
    responses.post(TOKEN, json={"error": -14014, "error_name": "Invalid refresh token."})
    assert isinstance(send(account, clock), NotNow)
    account.refresh_from_db()
    assert account.blocked_reason == "grant_broken"
    assert account.blocked_facts == {"code": -14014, "zalo": "Invalid refresh token."}
    assert (account.access_token, account.refresh_token) == ("token-1", "refresh-1")


@responses.activate
def test_an_unanswered_refresh_keeps_the_pair_and_breaks_nothing(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(TOKEN, body=requests.exceptions.ReadTimeout())
    assert tokens.renew(account, stale="token-1", clock=clock, urgent=True) == ""
    account.refresh_from_db()
    assert (account.access_token, account.refresh_token, account.blocked_reason) == ("token-1", "refresh-1", "")


@responses.activate
def test_one_refresher_at_a_time(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.update(token_lease_until=clock.wall() + timedelta(seconds=30))
    assert tokens.renew(account, stale="token-1", clock=clock, urgent=True) == ""
    assert len(responses.calls) == 0


@responses.activate
def test_the_slower_of_two_takes_the_faster_ones_token(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.filter(pk=account.pk).update(access_token="token-2")
    assert tokens.renew(account, stale="token-1", clock=clock, urgent=True) == "token-2"
    assert len(responses.calls) == 0


@responses.activate
def test_a_refresh_token_spent_by_somebody_else_is_no_broken_grant(account: OfficialAccount, clock: HandClock) -> None:
    def spend(_: Any) -> tuple[int, dict[str, str], str]:
        OfficialAccount.objects.filter(pk=account.pk).update(access_token="token-9")
        return 200, {}, json.dumps({"error": -14014, "error_name": "Invalid refresh token."})

    responses.add_callback(responses.POST, TOKEN, spend)
    assert tokens.renew(account, stale="token-1", clock=clock, urgent=True) == "token-9"
    account.refresh_from_db()
    assert account.blocked_reason == ""


@responses.activate
def test_without_a_token_nothing_is_sent(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.update(access_token="", refresh_token="", token_expires_at=None)
    responses.post(TOKEN, json={"error": -14014, "error_name": "Invalid refresh token."})
    assert ZnsChannel().open(account, clock) == ""
    account.refresh_from_db()
    assert account.blocked_reason == "grant_broken"


@responses.activate
def test_a_grant_refused_ahead_of_time_warns_and_goes_on_sending(account: OfficialAccount, clock: HandClock) -> None:
    clock.advance(hours=16)
    responses.post(TOKEN, json={"error": -14014, "error_name": "Invalid refresh token."})
    assert ZnsChannel().open(account, clock) == "token-1"
    account.refresh_from_db()
    assert (account.blocked_reason, account.grant_refused_at) == ("", clock.now())


@responses.activate
@pytest.mark.parametrize(
    "answer", [{"status": 503, "json": {"message": "…"}}, {"status": 429}, {"json": {"error": -14000}}]
)
def test_a_passing_oauth_fault_blocks_nobody_and_is_not_asked_again_at_once(
    account: OfficialAccount, clock: HandClock, answer: dict[str, Any]
) -> None:
    clock.advance(hours=21)
    responses.post(TOKEN, **answer)
    assert ZnsChannel().open(account, clock) == ""
    assert ZnsChannel().open(account, clock) == ""
    account.refresh_from_db()
    assert (account.blocked_reason, account.grant_refused_at, len(responses.calls)) == ("", None, 1)


@responses.activate
def test_an_answer_without_its_life_still_keeps_the_pair(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(TOKEN, json={"access_token": "token-2", "refresh_token": "refresh-2"})
    assert tokens.renew(account, stale="token-1", clock=clock, urgent=True) == "token-2"
    account.refresh_from_db()
    assert account.refresh_token == "refresh-2"


@responses.activate
def test_a_new_pair_does_not_pay_the_bill(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.update(blocked_reason="account_blocked", blocked_facts={"code": -115})
    responses.post(TOKEN, json=PAIR)
    tokens.renew(account, stale="token-1", clock=clock, urgent=True)
    account.refresh_from_db()
    assert account.blocked_reason == "account_blocked"
