"""ZNS by phone: our messages to Zalo's wire, and Zalo's answers to our closed vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.base import (
    Accepted,
    Clock,
    NotNow,
    OutgoingMessage,
    Reopens,
    RetryLater,
    Scope,
    SendResult,
    Unknown,
)
from integrations.http import Outcome, Reply, Unanswered, Unreached, fan_out
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.errors import TOKEN_EXPIRED, meaning
from integrations.zalo.policy import ZaloPolicy, policy


class ZnsChannel:
    """Sends approved templates to phone numbers."""

    name = "zns"

    def policy(self, account: OfficialAccount) -> ZaloPolicy:
        """The dated rules the account lives under."""
        return policy(account.policy)

    def send_many(
        self, account: OfficialAccount, messages: Sequence[OutgoingMessage], clock: Clock
    ) -> list[SendResult]:
        """Send concurrently. Those whose token turned out to be expired are sent once more with a fresh one."""
        token = tokens.current(account, clock)
        if not token:
            return [_no_token(account)] * len(messages)
        outcomes = fan_out(lambda message: api.send_template(token, message), messages)
        expired = [index for index, outcome in enumerate(outcomes) if _token_expired(outcome)]
        if expired and (fresh := tokens.renew(account, stale=token, clock=clock)):
            again = fan_out(lambda index: api.send_template(fresh, messages[index]), expired)
            for index, outcome in zip(expired, again, strict=True):
                outcomes[index] = outcome
        return [result_of(outcome) for outcome in outcomes]


def _token_expired(outcome: Outcome) -> bool:
    return isinstance(outcome, Reply) and (outcome.body or {}).get("error") in TOKEN_EXPIRED


def _no_token(account: OfficialAccount) -> SendResult:
    if account.blocked_reason:
        return NotNow("account_blocked", Scope.ACCOUNT, Reopens.BY_HAND, {"account": account.blocked_reason})
    return RetryLater("vendor_busy", {"why": "token"})


def result_of(outcome: Outcome) -> SendResult:
    """What one HTTP outcome means for the message that was in it."""
    match outcome:
        case Unreached(why):
            return RetryLater("vendor_busy", {"why": why})
        case Unanswered(why):
            return Unknown("outcome_unknown", {"why": why})
        case Reply(429, _):
            return RetryLater("vendor_busy", {"http": 429})
        case Reply(status, None):
            # A 5xx or a torn answer says nothing of whether the message went out.
            return Unknown("outcome_unknown", {"http": status})
        case Reply(status, body):
            return _of_body(status, body or {})


def _of_body(status: int, body: dict[str, Any]) -> SendResult:
    code, data = body.get("error"), body.get("data") or {}
    if code == 0 and data.get("msg_id"):
        return _accepted(data)
    if isinstance(code, int) and code in TOKEN_EXPIRED:
        return RetryLater("vendor_busy", {"code": code, "why": "token"})
    if isinstance(code, int) and code != 0:
        return meaning(code, str(body.get("message", "")))
    return Unknown("outcome_unknown", {"http": status})


def _accepted(data: dict[str, Any]) -> Accepted:
    quota = data.get("quota") or {}
    return Accepted(
        msg_id=str(data["msg_id"]),
        sent_at=_moment(data.get("sent_time")),
        daily_quota=_number(quota.get("dailyQuota")),
        remaining_quota=_number(quota.get("remainingQuota")),
    )


def _number(value: object) -> int | None:
    """Zalo writes numbers as text in some answers and as numbers in others."""
    text = str(value)
    return int(text) if text.isdigit() else None


def _moment(value: object) -> datetime | None:
    milliseconds = _number(value)
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
