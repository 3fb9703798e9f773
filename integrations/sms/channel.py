"""SMS under the clinic's brand name, through eSMS: for patients whom Zalo cannot reach."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any

from integrations.base import Accepted, ChannelName, Clock, OutgoingMessage, SendResult
from integrations.http import Outcome, fan_out
from integrations.models import OfficialAccount, SmsAccount
from integrations.outcomes import in_doubt, read
from integrations.sms import api
from integrations.sms.errors import ACCEPTED, DUPLICATE, meaning
from integrations.sms.text import plain

logger = logging.getLogger(__name__)

# What eSMS says of an earlier request: 5 it was sent, 7 the operator has it.
_SENT = frozenset({"5", "7"})


class SmsChannel:
    """Sends plain texts to phone numbers with the SMS account of the clinic that owns the Official Account."""

    name = ChannelName.SMS

    def open(self, account: OfficialAccount, clock: Clock) -> api.Keys | None:
        """The clinic's keys; None when it has no SMS account, or one that waits for a person."""
        sms = SmsAccount.objects.filter(workspace=account.workspace_id, blocked_reason="").first()
        return api.Keys(sms.api_key, sms.secret_key, sms.brandname) if sms else None

    def send_many(
        self, account: OfficialAccount, messages: Sequence[OutgoingMessage], token: api.Keys, clock: Clock
    ) -> list[SendResult]:
        """Send concurrently, without diacritics. `NotNow` of `Scope.ACCOUNT` speaks of the SMS account alone."""
        return [result_of(outcome) for outcome in fan_out(lambda message: _send(token, message), messages)]


def _send(keys: api.Keys, message: OutgoingMessage) -> Outcome:
    return api.send(keys, phone=message.phone, text=plain(message.text), request_id=message.tracking_id)


def result_of(outcome: Outcome) -> SendResult:
    """What eSMS's answer means. Never raises, whatever the body looks like."""
    body = read(outcome)
    if not isinstance(body, dict):
        return body
    code = str(body.get("CodeResult") or "")
    if code == ACCEPTED:
        return Accepted(msg_id=str(body.get("SMSID") or ""))
    if code == DUPLICATE:
        return _seen_before(body)
    if not code:
        return in_doubt(why="odd_answer")
    result = meaning(code, str(body.get("ErrorMessage") or ""))
    if "unknown_code" in result.facts:
        _say_aloud(code)
    return result


def _seen_before(body: dict[str, Any]) -> SendResult:
    """An earlier try of this message reached eSMS, though what it answered then was that it surely did not send it.

    Then only its word that the earlier one went out settles it; else the message is in doubt, and never sent again.
    """
    status = str(body.get("SendStatus") or "")
    return Accepted(msg_id=str(body.get("SMSID") or "")) if status in _SENT else in_doubt(code=DUPLICATE, status=status)


@cache
def _say_aloud(code: str) -> None:
    """Once a code and process: the table of meanings lacks it, and a person should look it up."""
    logger.error("sms: eSMS answered with code %s, which we do not know; it is taken for passing", code)
