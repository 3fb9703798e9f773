"""Hop 7: what Zalo answered becomes the state of the message, in one bulk write a chunk."""

from __future__ import annotations

import copy
import logging
import time as stopwatch
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import OperationalError, transaction

from campaigns import guard, lastlook
from campaigns.models import Message, Suppression
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.transitions import Move, move
from integrations.base import Accepted, NotNow, Refused, Reopens, RetryLater, Scope, SendResult, Unknown
from integrations.models import OfficialAccount
from integrations.vietnam import at, local, next_midnight, next_month

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=30)
MORNING = time(6, 0)
LONGEST_PAUSE = timedelta(minutes=15)
# A patient who refuses is left alone for this long, whatever campaign comes next.
RESPECT_REFUSAL = timedelta(days=30)
# What was sent is known only here: a passing database fault must not put it in doubt.
WRITE_AGAIN_AFTER_S = (0.1, 0.5, 2.0)
# The answers after which the message surely did not go out, so that its places in the windows are free again.
_UNSENT = (NotNow, RetryLater, Refused)


def settle(
    *, account: OfficialAccount, messages: Sequence[Message], results: Sequence[SendResult], now: datetime
) -> None:
    """Write the outcome of every message whose fence is still ours, and give back the places of those surely unsent."""
    pairs = list(zip(messages, results, strict=True))
    for pause in WRITE_AGAIN_AFTER_S:
        try:
            return _write(account, pairs, now)
        except OperationalError:
            logger.warning("settle: the database did not take %d outcomes, once more in %s s", len(pairs), pause)
            stopwatch.sleep(pause)
    return _write(account, pairs, now)


@transaction.atomic
def _write(account: OfficialAccount, pairs: Sequence[tuple[Message, SendResult]], now: datetime) -> None:
    # Copies: a move changes its message, and a transaction that fails must find the originals as they were.
    moved = {
        message.pk for message in move([_move(copy.copy(message), result, now) for message, result in pairs], now=now)
    }
    guard.release(message for message, result in pairs if message.pk in moved and isinstance(result, _UNSENT))
    _learn_quota(account, pairs)
    _respect(pairs, now)
    _block(account, [result for _, result in pairs])


def _move(message: Message, result: SendResult, now: datetime) -> Move:
    match result:
        case Accepted(msg_id=msg_id, sent_at=sent_at):
            changes = {"msg_id": msg_id, "sent_at": sent_at or now, "lease_until": None}
            return Move(message, MessageState.SENT, Reason.ACCEPTED, changes=changes)
        case NotNow(reason, _, reopens, facts):
            return _snooze(message, reason, _reopening(message, reopens, now), facts)
        case RetryLater(reason, facts):
            return _retry(message, reason, facts, now)
        case Refused(reason, _, facts):
            return Move(message, MessageState.FAILED, reason, facts, {"lease_until": None, "claims": []})
        case Unknown(reason, facts):
            return Move(message, MessageState.UNCONFIRMED, reason, facts, {"lease_until": None})


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after the n-th failed attempt: 30 s, 1, 2, 4 minutes; None when enough is enough."""
    return FIRST_RETRY * 2 ** (attempts - 1) if attempts < MAX_ATTEMPTS else None


def _retry(message: Message, reason: str, facts: dict[str, object], now: datetime) -> Move:
    delay = retry_delay(message.attempts)
    if delay is None:
        told = {**facts, "attempts": message.attempts}
        return Move(message, MessageState.FAILED, Reason.ATTEMPTS_SPENT, told, {"lease_until": None, "claims": []})
    return _again(message, reason, now + delay, facts)


def _again(message: Message, reason: str, due_at: datetime, facts: dict[str, object], **changes: object) -> Move:
    freed: dict[str, object] = {"due_at": due_at, "lease_until": None, "claims": []}
    return Move(message, MessageState.SCHEDULED, reason, {**facts, "until": due_at.isoformat()}, freed | changes)


def _snooze(message: Message, reason: str, due_at: datetime, facts: dict[str, object]) -> Move:
    """Not now, at nobody's fault: the attempt is given back."""
    return _again(message, reason, due_at, facts, attempts=message.attempts - 1, snoozes=message.snoozes + 1)


def _reopening(message: Message, reopens: Reopens, now: datetime) -> datetime:
    match reopens:
        case Reopens.SOON:
            return now + min(FIRST_RETRY * (1 << min(message.snoozes, 10)), LONGEST_PAUSE)
        case Reopens.NEXT_DAY:
            return lastlook.send_hours(message).next_open(next_midnight(now))
        case Reopens.NEXT_MONTH:
            return lastlook.send_hours(message).next_open(next_month(now))
        case Reopens.MORNING:
            today = at(local(now).date(), MORNING)
            return today if today > now else today + timedelta(days=1)
        case Reopens.BY_HAND:
            # The account itself is held; the message may go as soon as a person lets it.
            return now


def _respect(pairs: Sequence[tuple[Message, SendResult]], now: datetime) -> None:
    """A patient who blocked or refused the account goes on the list of those not written to."""
    refused = [
        Suppression(
            workspace_id=message.workspace_id,
            phone=message.phone,
            reason_code=result.reason,
            until=now + RESPECT_REFUSAL,
            created_at=now,
        )
        for message, result in pairs
        if isinstance(result, Refused) and result.reason == Reason.RECIPIENT_REFUSES
    ]
    if refused:
        Suppression.objects.bulk_create(
            refused, update_conflicts=True, unique_fields=["workspace", "phone"], update_fields=["reason_code", "until"]
        )


def _learn_quota(account: OfficialAccount, pairs: Sequence[tuple[Message, SendResult]]) -> None:
    """Zalo's own numbers win when they are lower than ours."""
    closed = [
        key
        for message, result in pairs
        if isinstance(result, NotNow) and result.scope == Scope.WINDOW
        for key in message.claims
        if _is_about(key, result.reason)
    ]
    if closed:
        guard.close(closed)
    told = [
        (result.remaining_quota, result.daily_quota, key)
        for message, result in pairs
        if isinstance(result, Accepted) and result.remaining_quota is not None and result.daily_quota is not None
        for key in message.claims
        if _is_about(key, "daily_quota")
    ]
    if told:
        remaining, daily, key = min(told)
        guard.observe(key=key, daily_quota=daily, remaining=remaining)


_KEY_PARTS = {
    "daily_quota": ":day:",
    "promotion_day_quota": ":promo-day:",
    "promotion_month_quota": ":promo-month:",
    "user_month_quota": ":user:",
    "template_day_quota": ":template:",
}


def _is_about(key: str, rule: str) -> bool:
    """Whether a window key belongs to the rule. The account's own day and month keys have no user or template in them."""
    part = _KEY_PARTS.get(rule, "\0")
    narrower = (":user:", ":template:")
    return part in key and (part in narrower or not any(other in key for other in narrower))


def _block(account: OfficialAccount, results: Sequence[SendResult]) -> None:
    """Zalo refuses the account as a whole: stop it and tell a person, rather than burn every message on it."""
    blocked = next((each for each in results if isinstance(each, NotNow) and each.scope == Scope.ACCOUNT), None)
    if blocked is None:
        return
    logger.error("zalo: account %s is blocked: %s", account.oa_id, blocked.facts)
    account.blocked_reason, account.blocked_facts = account.blocked_reason or blocked.reason, blocked.facts
    account.save(update_fields=["blocked_reason", "blocked_facts"])
