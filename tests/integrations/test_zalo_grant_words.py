"""A refusal of the grant in whatever shape Zalo writes it, and a token's life that no calendar holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import responses

from integrations.models import OfficialAccount
from integrations.zalo import tokens
from tests.campaigns.story import HandClock
from tests.integrations.zalo_side import PAIR, TOKEN

USED = {"error_name": "Invalid refresh token.", "error_reason": "", "error_description": "used\x00"}


@responses.activate
@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        pytest.param(USED, {"zalo": "Invalid refresh token. used"}, id="by words alone"),
        pytest.param({"error_reason": "expired"}, {"zalo": "expired"}, id="by its reason alone"),
        pytest.param({"error": "-14014"}, {"zalo": "", "code": -14014}, id="by a code that is text"),
        pytest.param({"error": -14014}, {"zalo": "", "code": -14014}, id="by its code alone"),
        pytest.param({"error": -14099, **USED}, {"zalo": "Invalid refresh token. used", "code": -14099}, id="unlisted"),
    ],
)
def test_a_dead_grant_is_noticed_in_every_shape(
    account: OfficialAccount, clock: HandClock, answer: dict[str, Any], facts: dict[str, Any]
) -> None:
    clock.advance(hours=21)
    responses.post(TOKEN, json=answer)
    assert not tokens.current(account, clock)
    account.refresh_from_db()
    assert (account.blocked_reason, account.blocked_facts) == ("grant_broken", facts)
    assert account.grant_refused_at == clock.now()
    assert account.refresh_token == "refresh-1"


@responses.activate
@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"error": -32, "error_name": "Your application reached limit call api"}},
        {"json": {"error": True}},
        {"json": {"error": "", "message": "…"}},
        {"json": USED, "status": 502},
    ],
)
def test_a_passing_fault_ends_no_grant(account: OfficialAccount, clock: HandClock, answer: dict[str, Any]) -> None:
    clock.advance(hours=21)
    responses.post(TOKEN, **answer)
    assert not tokens.current(account, clock)
    account.refresh_from_db()
    assert (account.blocked_reason, account.grant_refused_at) == ("", None)


@responses.activate
@pytest.mark.parametrize(
    ("life", "seconds"),
    [
        ("3600", 3600),
        (0, 90_000),
        ("99999999999999999", 90_000),
        (2_000_000_000, 900_000),
        (-5, 90_000),
        (None, 90_000),
    ],
)
def test_no_life_of_a_token_loses_the_pair(
    account: OfficialAccount, clock: HandClock, life: object, seconds: int
) -> None:
    clock.advance(hours=21)
    responses.post(TOKEN, json={**PAIR, "expires_in": life})
    assert tokens.current(account, clock).token == "token-2"
    account.refresh_from_db()
    assert account.refresh_token == "refresh-2"
    assert account.token_expires_at == clock.now() + timedelta(seconds=seconds)
