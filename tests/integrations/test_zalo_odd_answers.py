"""Answers whose texts no column holds: what they mean is understood, and what is kept of them can be kept."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.base import Accepted, NotNow, Refused
from integrations.http import Reply
from integrations.zalo import answers
from integrations.zalo.answers import result_of, token_expired
from integrations.zalo.errors import Host

UNSTORABLE = "\x00m\ud8001"


@pytest.mark.parametrize(("told", "kept"), [("m" * 300, "m" * 80), (UNSTORABLE, "m1"), (7, "7")])
def test_a_message_id_is_kept_as_its_column_holds_it(told: object, kept: str) -> None:
    result = result_of(Reply(200, {"error": 0, "data": {"msg_id": told}}))
    assert isinstance(result, Accepted)
    assert result.msg_id == kept


def test_what_zalo_says_with_a_refusal_is_kept_as_a_column_holds_it() -> None:
    result = result_of(Reply(200, {"error": -118, "message": UNSTORABLE + "x" * 300}))
    assert isinstance(result, Refused)
    assert result.facts["zalo"] == "m1" + "x" * 198


@pytest.mark.parametrize("code", [-118, "-118"])
def test_a_code_may_come_as_text(code: object) -> None:
    result = result_of(Reply(200, {"error": code, "message": "Zalo account not existed"}))
    assert isinstance(result, Refused)
    assert result.facts["code"] == -118
    assert token_expired(Reply(200, {"error": "-124"}))


@pytest.mark.parametrize("body", [{"error": False, "data": {"msg_id": "m1"}}, {"error": "²"}, {"error": "-" * 9}, {}])
def test_what_is_no_code_leaves_it_in_doubt(body: dict[str, Any]) -> None:
    assert result_of(Reply(200, body)).reason == "outcome_unknown"  # type: ignore[union-attr]


def test_an_api_that_is_closed_to_us_is_said_aloud(caplog: pytest.LogCaptureFixture) -> None:
    answers._say_aloud.cache_clear()
    result = result_of(Reply(200, {"error": -212, "message": "App has not registed this api"}), Host.OPENAPI)
    assert not isinstance(result, NotNow)
    assert "code -212" in caplog.text
