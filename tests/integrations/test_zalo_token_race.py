"""Refreshers in many threads at a Zalo whose refresh tokens work once: one of them asks, and the pair goes on working."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
from django.db import connection

from integrations.models import OfficialAccount
from integrations.zalo import tokens
from integrations.zalo.api import Credentials
from tests import factories
from tests.campaigns.story import HandClock
from tests.integrations.zalo_side import TOKEN, connected

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: there is nothing to race"),
    pytest.mark.django_db(transaction=True),
]
REFRESHERS = 8


class OneUseZalo:
    """Mints a pair for the living refresh token and kills both tokens before it, as Zalo does. Counts who asked."""

    def __init__(self) -> None:
        self.number, self.asked, self.lock = 1, 0, threading.Lock()
        self.answers: list[str] = []

    def __call__(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        with self.lock:
            self.asked += 1
            fate = self.answers.pop(0) if self.answers else "whole"
            if fate == "empty":
                return 200, {}, json.dumps({"access_token": "", "refresh_token": "", "expires_in": "90000"})
            if fate == "unheard":
                raise requests.exceptions.ConnectTimeout
            if parse_qs(str(request.body))["refresh_token"] != [f"refresh-{self.number}"]:
                return 200, {}, json.dumps({"error": -14014, "error_name": "Invalid refresh token."})
            self.number += 1
            return 200, {}, json.dumps(self.pair() | {"expires_in": "90000"})

    def pair(self) -> dict[str, str]:
        return {"access_token": f"token-{self.number}", "refresh_token": f"refresh-{self.number}"}


@pytest.fixture
def zalo() -> Iterator[OneUseZalo]:
    """Behind the token address."""
    with responses.RequestsMock() as mock:
        zalo = OneUseZalo()
        mock.add_callback(responses.POST, TOKEN, zalo)
        yield zalo


@pytest.fixture
def shared(transactional_db: None, clock: HandClock) -> OfficialAccount:
    """An account that other connections can see."""
    return connected(factories.make_workspace(), clock)


def race(account: OfficialAccount, clock: HandClock, stale: Credentials) -> list[Credentials]:
    """What each of the refreshers got, all let go at once."""
    got: list[Credentials] = []
    start = threading.Barrier(REFRESHERS)

    def refresh() -> None:
        try:
            mine = OfficialAccount.objects.get(pk=account.pk)
            start.wait()
            got.append(tokens.renew(mine, stale=stale, clock=clock, urgent=True))
        finally:
            connection.close()

    threads = [threading.Thread(target=refresh) for _ in range(REFRESHERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def stored(account: OfficialAccount) -> dict[str, Any]:
    account.refresh_from_db()
    return {"access_token": account.access_token, "refresh_token": account.refresh_token}


def test_one_of_many_asks_and_the_others_take_what_it_got(
    shared: OfficialAccount, clock: HandClock, zalo: OneUseZalo
) -> None:
    for turn in range(1, 6):
        got = race(shared, clock, Credentials(f"token-{turn}"))
        assert {each.token for each in got} <= {"", f"token-{turn + 1}"}
        assert f"token-{turn + 1}" in {each.token for each in got}
        assert (zalo.asked, stored(shared), shared.blocked_reason) == (turn, zalo.pair(), "")


@pytest.mark.parametrize("fate", ["empty", "unheard"])
def test_after_an_answer_without_a_pair_the_old_one_still_renews(
    shared: OfficialAccount, clock: HandClock, zalo: OneUseZalo, fate: str
) -> None:
    zalo.answers = [fate]
    assert not any(race(shared, clock, Credentials("token-1")))
    assert (zalo.asked, stored(shared)) == (1, zalo.pair()), "the lease of a refresh that failed keeps the others off"
    clock.advance(seconds=61)
    race(shared, clock, Credentials("token-1"))
    assert (zalo.asked, zalo.number, stored(shared), shared.blocked_reason) == (2, 2, zalo.pair(), "")
