"""What Zalo's answer means for the message that was in the question."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from integrations.base import Accepted, SendResult
from integrations.http import Outcome, body_of
from integrations.outcomes import in_doubt, read
from integrations.zalo.errors import TOKEN_EXPIRED, Host, meaning
from integrations.zalo.values import error_code, json_object, moment, number, text

logger = logging.getLogger(__name__)

# The quota of a consultation reply within 48 hours, and of the first word to somebody new: neither is billed.
_FREE = frozenset({"reply", "welcome_msg"})
# What our column of message ids holds. Zalo's have some thirty characters.
_ID_LIMIT = 80


def token_expired(outcome: Outcome) -> bool:
    """Whether Zalo did nothing but say that the access token works no more."""
    return error_code(body_of(outcome)) in TOKEN_EXPIRED


def result_of(outcome: Outcome, host: Host = Host.BUSINESS) -> SendResult:
    """The closed vocabulary's word for it. Never raises, whatever the body looks like."""
    body = read(outcome)
    return _of_body(body, host) if isinstance(body, dict) else body


def _of_body(body: dict[str, Any], host: Host) -> SendResult:
    code, data = error_code(body), json_object(body.get("data"))
    if code == 0 and (msg_id := text(data.get("msg_id") or data.get("message_id"), _ID_LIMIT)):
        return _accepted(msg_id, body, data)
    if code:
        result = meaning(host, code, str(body.get("message", "")))
        if "unknown_code" in result.facts:
            _say_aloud(host, code, "which we do not know; it is taken for passing")
        if "needs_a_person" in result.facts:
            _say_aloud(host, code, "so this way is closed to the app or the account until a person mends it at Zalo")
        return result
    return in_doubt(why="odd_answer")


@cache
def _say_aloud(host: Host, code: int, what_follows: str) -> None:
    """Once a code and process: a person should look it up."""
    logger.error("zalo: the %s host answered with code %d, %s", host, code, what_follows)


def _accepted(msg_id: str, body: dict[str, Any], data: dict[str, Any]) -> Accepted:
    """The send by user id puts its time and quota into `data` or beside it: its documents disagree, so both are read."""
    quota = json_object(data.get("quota") or body.get("quota"))
    return Accepted(
        msg_id=msg_id,
        sent_at=moment(data.get("sent_time") or body.get("sent_time")),
        daily_quota=number(quota.get("dailyQuota")),
        remaining_quota=number(quota.get("remainingQuota")),
        is_free=str(quota.get("quota_type")) in _FREE,
    )
