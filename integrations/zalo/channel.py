"""ZNS by phone: our messages to Zalo's wire, and Zalo's answers to our closed vocabulary."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError

from integrations.base import (
    Accepted,
    Clock,
    NotNow,
    OutgoingMessage,
    Reopens,
    Scope,
    SendResult,
    Unknown,
)
from integrations.http import Outcome, Reply, Unanswered, Unreached, fan_out
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.errors import TOKEN_EXPIRED, meaning
from integrations.zalo.policy import ZaloPolicy, policy

logger = logging.getLogger(__name__)

_LATEST_MS = 4_102_444_800_000  # the year 2100


class ZnsChannel:
    """Sends approved templates to phone numbers."""

    name = "zns"

    def policy(self, account: OfficialAccount) -> ZaloPolicy:
        """The dated rules the account lives under."""
        return policy(account.policy)

    def open(self, account: OfficialAccount, clock: Clock) -> str:
        """The access token to send with; empty when there is none to be had now."""
        return tokens.current(account, clock)

    def send_many(
        self, account: OfficialAccount, messages: Sequence[OutgoingMessage], token: str, clock: Clock
    ) -> list[SendResult]:
        """Send concurrently. Those whose token turned out to be expired are sent once more with a fresh one."""
        outcomes = fan_out(lambda message: api.send_template(token, message), messages)
        expired = [index for index, outcome in enumerate(outcomes) if _token_expired(outcome)]
        if expired and (fresh := _renewed(account, token, clock)):
            again = fan_out(lambda index: api.send_template(fresh, messages[index]), expired)
            for index, outcome in zip(expired, again, strict=True):
                outcomes[index] = outcome
        return [result_of(outcome) for outcome in outcomes]


def _token_expired(outcome: Outcome) -> bool:
    return isinstance(outcome, Reply) and (outcome.body or {}).get("error") in TOKEN_EXPIRED


def _renewed(account: OfficialAccount, stale: str, clock: Clock) -> str:
    """A fresh token, or none: our own database's trouble must not put in doubt what Zalo surely did not send."""
    try:
        return tokens.renew(account, stale=stale, clock=clock, urgent=True)
    except DatabaseError:
        logger.exception("zalo: the token of account %s could not be renewed", account.oa_id)
        return ""


def result_of(outcome: Outcome) -> SendResult:
    """What one HTTP outcome means for the message that was in it."""
    match outcome:
        case Unreached(why):
            return _busy(why=why)
        case Unanswered(why):
            return Unknown("outcome_unknown", {"why": why})
        case Reply(429, _):
            return _busy(http=429)
        case Reply(status, body) if body is None or status >= 500 or status == 408:
            # A failing server or a torn answer says nothing of whether the message went out.
            return Unknown("outcome_unknown", {"http": status})
        case Reply(status, body):
            return _of_body(status, body or {})


def _busy(**facts: object) -> NotNow:
    """Nobody listened: surely not sent, and not the message's fault."""
    return NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, facts)


def _of_body(status: int, body: dict[str, Any]) -> SendResult:
    code, data = body.get("error"), _object(body.get("data"))
    if code == 0 and data.get("msg_id"):
        return _accepted(data)
    if isinstance(code, int) and code in TOKEN_EXPIRED:
        return _busy(code=code, why="token")
    if isinstance(code, int) and code != 0:
        return meaning(code, str(body.get("message", "")))
    return Unknown("outcome_unknown", {"http": status})


def _object(value: object) -> dict[str, Any]:
    """Zalo's `data` and `quota` are objects; what is not one tells us nothing, and must not stop its neighbours."""
    return value if isinstance(value, dict) else {}


def _accepted(data: dict[str, Any]) -> Accepted:
    quota = _object(data.get("quota"))
    return Accepted(
        msg_id=str(data["msg_id"]),
        sent_at=_moment(data.get("sent_time")),
        daily_quota=_number(quota.get("dailyQuota")),
        remaining_quota=_number(quota.get("remainingQuota")),
    )


def _number(value: object) -> int | None:
    """Zalo writes numbers as text in some answers and as numbers in others."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) <= 15 else None


def _moment(value: object) -> datetime | None:
    """Epoch milliseconds; None for what is no moment of this century, whose sender we then do not believe."""
    milliseconds = _number(value)
    if milliseconds is None or milliseconds > _LATEST_MS:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
