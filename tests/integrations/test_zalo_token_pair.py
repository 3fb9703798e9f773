"""Whatever becomes of a refresh, a working pair is never lost to us: lost and empty answers, overtaken refreshers, a busy database."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import responses
from django.db import OperationalError

from integrations import patience
from integrations.models import OfficialAccount
from integrations.zalo import tokens
from integrations.zalo.api import Credentials
from tests.campaigns.story import HandClock
from tests.integrations.zalo_side import PAIR, TOKEN

STALE = Credentials("token-1")


def kept(account: OfficialAccount) -> tuple[str, str, str]:
    """The stored pair, and what blocks the account."""
    account.refresh_from_db()
    return account.access_token, account.refresh_token, account.blocked_reason


@responses.activate
def test_a_lost_answer_keeps_the_pair_and_only_zalos_own_word_ends_the_grant(
    account: OfficialAccount, clock: HandClock
) -> None:
    clock.advance(hours=21)
    responses.post(TOKEN, body=requests.exceptions.ReadTimeout())
    responses.post(TOKEN, json={"error": -14014, "error_name": "Invalid refresh token."})
    assert not tokens.current(account, clock)
    assert kept(account) == ("token-1", "refresh-1", "")
    clock.advance(minutes=2)
    assert not tokens.current(account, clock)
    assert kept(account) == ("token-1", "refresh-1", "grant_broken")
    assert account.blocked_facts == {"code": -14014, "zalo": "Invalid refresh token."}


@responses.activate
def test_a_refresh_that_zalo_never_heard_is_simply_tried_again(account: OfficialAccount, clock: HandClock) -> None:
    clock.advance(hours=21)
    responses.post(TOKEN, body=requests.exceptions.ConnectTimeout())
    responses.post(TOKEN, json=PAIR)
    assert not tokens.current(account, clock)
    clock.advance(minutes=2)
    assert tokens.current(account, clock).token == "token-2"


@responses.activate
@pytest.mark.parametrize(
    "empty",
    [
        {"access_token": "", "refresh_token": "", "expires_in": "90000"},
        {"error": -14014, "error_name": "", "access_token": "", "refresh_token": "refresh-x"},
        {"error_name": "Invalid refresh token."},
        {},
    ],
)
def test_an_empty_answer_never_touches_the_pair(
    account: OfficialAccount, clock: HandClock, empty: dict[str, str]
) -> None:
    responses.post(TOKEN, json=empty)
    assert not tokens.renew(account, stale=STALE, clock=clock, urgent=False)
    assert kept(account) == ("token-1", "refresh-1", "")


@responses.activate
def test_a_pair_that_a_person_stored_meanwhile_stands(account: OfficialAccount, clock: HandClock) -> None:
    def reconnected(_: Any) -> tuple[int, dict[str, str], str]:
        tokens.store(OfficialAccount.objects.get(), {"access_token": "token-9", "refresh_token": "refresh-9"}, clock)
        return 200, {}, json.dumps(PAIR)

    responses.add_callback(responses.POST, TOKEN, reconnected)
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == "token-9"
    assert kept(account) == ("token-9", "refresh-9", "")


@responses.activate
def test_a_refresher_slower_than_its_lease_still_brings_the_pair_home(
    account: OfficialAccount, clock: HandClock
) -> None:
    asked: list[int] = []

    def overtaken(_: Any) -> tuple[int, dict[str, str], str]:
        asked.append(1)
        if len(asked) > 1:
            return 200, {}, json.dumps({"error": -14014, "error_name": "Invalid refresh token."})
        clock.advance(seconds=61)
        assert not tokens.renew(OfficialAccount.objects.get(), stale=STALE, clock=clock, urgent=True)
        assert kept(account)[2] == "grant_broken", "as far as the second one could see"
        return 200, {}, json.dumps(PAIR)

    responses.add_callback(responses.POST, TOKEN, overtaken)
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == "token-2"
    assert kept(account) == ("token-2", "refresh-2", "")


@responses.activate
def test_a_passing_fault_of_our_database_does_not_lose_a_pair_that_zalo_shows_once(
    account: OfficialAccount, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = tokens.store, [OperationalError("database is locked")] * 2

    def store(*given: Any, **named: Any) -> None:
        if faults:
            raise faults.pop()
        real(*given, **named)

    monkeypatch.setattr(tokens, "store", store)
    monkeypatch.setattr(patience, "AGAIN_AFTER_S", (0, 0, 0))
    responses.post(TOKEN, json=PAIR)
    assert tokens.renew(account, stale=STALE, clock=clock, urgent=True).token == "token-2"
    assert kept(account) == ("token-2", "refresh-2", "")
