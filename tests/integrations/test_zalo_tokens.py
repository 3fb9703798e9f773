"""The token pair: refreshed in time by one process at a time, never overwritten by less, and given up only on Zalo's own word."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests
import responses
from django.conf import settings

from integrations.base import Accepted, NotNow, SendResult
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.api import Credentials
from integrations.zalo.channel import ZnsChannel
from tests.campaigns.story import HandClock
from tests.integrations.zalo_side import PAIR, SEND, TOKEN, send_one

STALE = Credentials("token-1")
QUOTA = f"{settings.ZALO_BUSINESS_BASE}/message/quota"
OK = {"error": 0, "message": "Success", "data": {"msg_id": "m1"}}


def send(account: OfficialAccount, clock: HandClock) -> SendResult:
    """One message by phone."""
    return send_one(ZnsChannel(), account, clock)


def kept(account: OfficialAccount) -> tuple[str, str, str]:
    """The stored pair, and what blocks the account."""
    account.refresh_from_db()
    return account.access_token, account.refresh_token, account.blocked_reason


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
    assert tokens.current(account, clock).token == "token-2"


@responses.activate
def test_a_missing_refresh_token_never_overwrites_the_one_we_have(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(TOKEN, json={"access_token": "token-2", "refresh_token": "", "expires_in": 90000})
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == "token-2"
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
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == ""
    account.refresh_from_db()
    assert (account.access_token, account.refresh_token, account.blocked_reason) == ("token-1", "refresh-1", "")


@responses.activate
def test_one_refresher_at_a_time(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.update(token_lease_until=clock.wall() + timedelta(seconds=30))
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == ""
    assert len(responses.calls) == 0


@responses.activate
def test_the_slower_of_two_takes_the_faster_ones_token(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.filter(pk=account.pk).update(access_token="token-2")
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == "token-2"
    assert len(responses.calls) == 0


@responses.activate
def test_a_refresh_token_spent_by_somebody_else_is_no_broken_grant(account: OfficialAccount, clock: HandClock) -> None:
    def spend(_: Any) -> tuple[int, dict[str, str], str]:
        OfficialAccount.objects.filter(pk=account.pk).update(access_token="token-9")
        return 200, {}, json.dumps({"error": -14014, "error_name": "Invalid refresh token."})

    responses.add_callback(responses.POST, TOKEN, spend)
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == "token-9"
    account.refresh_from_db()
    assert account.blocked_reason == ""


@responses.activate
def test_without_a_token_nothing_is_sent(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.update(access_token="", refresh_token="", token_expires_at=None)
    responses.post(TOKEN, json={"error": -14014, "error_name": "Invalid refresh token."})
    assert ZnsChannel().open(account, clock).token == ""
    account.refresh_from_db()
    assert account.blocked_reason == "grant_broken"


@responses.activate
def test_a_grant_refused_ahead_of_time_warns_and_goes_on_sending(account: OfficialAccount, clock: HandClock) -> None:
    clock.advance(hours=16)
    responses.post(TOKEN, json={"error": -14014, "error_name": "Invalid refresh token."})
    assert ZnsChannel().open(account, clock).token == "token-1"
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
    assert ZnsChannel().open(account, clock).token == ""
    assert ZnsChannel().open(account, clock).token == ""
    account.refresh_from_db()
    assert (account.blocked_reason, account.grant_refused_at, len(responses.calls)) == ("", None, 1)


@responses.activate
def test_an_answer_without_its_life_still_keeps_the_pair(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(TOKEN, json={"access_token": "token-2", "refresh_token": "refresh-2"})
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == "token-2"
    account.refresh_from_db()
    assert account.refresh_token == "refresh-2"


@responses.activate
def test_a_new_pair_does_not_pay_the_bill(account: OfficialAccount, clock: HandClock) -> None:
    OfficialAccount.objects.update(blocked_reason="account_blocked", blocked_facts={"code": -115})
    responses.post(TOKEN, json=PAIR)
    tokens.renew(account, stale=STALE, clock=clock, urgent=True)
    account.refresh_from_db()
    assert account.blocked_reason == "account_blocked"


@responses.activate
@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        pytest.param({"token_expires_at": timedelta(hours=4)}, 1, id="it ends within hours"),
        pytest.param({"token_expires_at": timedelta(hours=6)}, 0, id="it lives for hours"),
        pytest.param({"token_expires_at": timedelta(hours=-9)}, 1, id="it is dead"),
        pytest.param({"token_expires_at": None}, 1, id="nobody told when it ends"),
        pytest.param(
            {"token_expires_at": timedelta(hours=4), "blocked_reason": "hold"}, 1, id="the account is blocked"
        ),
        pytest.param({"token_expires_at": None, "refresh_token": ""}, 0, id="it was never connected"),
    ],
)
def test_a_pair_is_renewed_though_nothing_is_sent(
    account: OfficialAccount, clock: HandClock, changes: dict[str, Any], asked: int
) -> None:
    for name, value in changes.items():
        setattr(account, name, clock.now() + value if isinstance(value, timedelta) else value)
    account.save()
    responses.post(TOKEN, json=PAIR)
    tokens.refresh_ahead(account, clock)
    assert len(responses.calls) == asked
    assert kept(account)[0] == ("token-2" if asked else "token-1")


@responses.activate
def test_a_quiet_month_never_lets_the_refresh_token_grow_old(account: OfficialAccount, clock: HandClock) -> None:
    renewed: list[Any] = []

    def mint(_: Any) -> tuple[int, dict[str, str], str]:
        renewed.append(clock.now())
        pair = {"access_token": f"token-{clock.now()}", "refresh_token": f"refresh-{clock.now()}"}
        return 200, {}, json.dumps(pair | {"expires_in": "90000"})

    responses.add_callback(responses.POST, TOKEN, mint)
    for _ in range(24 * 30):
        tokens.refresh_ahead(account, clock)
        clock.advance(hours=1)
    gaps = [later - earlier for earlier, later in pairwise(renewed)]
    assert max(gaps) <= timedelta(hours=21)
    assert clock.now() - renewed[-1] <= timedelta(hours=21)


@responses.activate
def test_a_question_is_put_once_more_with_a_fresh_token(account: OfficialAccount, clock: HandClock) -> None:
    responses.post(TOKEN, json=PAIR)
    responses.get(QUOTA, json={"error": -124, "message": "Access token invalid"})
    responses.get(QUOTA, json={"error": 0, "data": {"dailyQuota": 500}})
    outcome = tokens.ask(account, clock, lambda key: api.read(key, "/message/quota"))
    assert api.answered(outcome)["data"] == {"dailyQuota": 500}
    assert [call.request.headers.get("access_token") for call in responses.calls] == ["token-1", None, "token-2"]
