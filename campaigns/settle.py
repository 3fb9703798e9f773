"""Hop 7: what Zalo answered becomes the state of the message, in one bulk write a chunk."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from campaigns import guard, lastlook, suppressions, ways
from campaigns.models import Message, Suppression
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.transitions import Move, move
from integrations.base import Accepted, ChannelName, NotNow, Refused, Reopens, RetryLater, Scope, SendResult, Unknown
from integrations.models import OfficialAccount, SmsAccount
from integrations.patience import insist
from integrations.vietnam import at, local, next_midnight, next_month

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=30)
MORNING = time(6, 0)
LONGEST_PAUSE = timedelta(minutes=15)
# Zalo's receipt of the last moment still has to travel here.
RECEIPT_GRACE = timedelta(minutes=1)
# A patient who refuses is left alone for this long, whatever campaign comes next.
RESPECT_REFUSAL = timedelta(days=30)
# The answers after which the message surely did not go out, so that its places in the windows are free again.
_UNSENT = (NotNow, RetryLater, Refused)


def settle(
    *, account: OfficialAccount, messages: Sequence[Message], results: Sequence[SendResult], now: datetime
) -> None:
    """Write the outcome of every message whose fence is still ours, and give back the places of those surely unsent."""
    pairs = list(zip(messages, results, strict=True))
    # What was sent is known only here: a passing database fault must not put it in doubt.
    try:
        insist(lambda: _write(account, pairs, now))
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not the answers'
    except Exception:
        logger.exception("a chunk's answers cannot be written together, now one by one")
        for pair in pairs:
            _write_alone(account, pair, now)


def _write_alone(account: OfficialAccount, pair: tuple[Message, SendResult], now: datetime) -> None:
    """One message's outcome; only the bare outcome if the vendor's words with it cannot be written."""
    message, result = pair
    try:
        insist(lambda: _write(account, [pair], now))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("the answer to message %s cannot be written, only its outcome", message.pk)
        insist(lambda: _write(account, [(message, _bare(result))], now))


def _bare(result: SendResult) -> SendResult:
    if isinstance(result, Accepted):
        return Accepted("", is_free=result.is_free)
    return replace(result, facts={"why": "odd_answer"})


@transaction.atomic
def _write(account: OfficialAccount, pairs: Sequence[tuple[Message, SendResult]], now: datetime) -> None:
    # Copies: a move changes its message, and a transaction that fails must find the originals as they were.
    moved = {
        message.pk for message in move([_move(copy.copy(message), result, now) for message, result in pairs], now=now)
    }
    guard.learn(
        freed=[message for message, result in pairs if message.pk in moved and isinstance(result, _UNSENT)],
        closed=_turned_away(pairs),
        counts=_counts(pairs),
    )
    _respect(pairs, now)
    _block(account, pairs)


def _move(message: Message, result: SendResult, now: datetime) -> Move:
    match result:
        case Accepted():
            return _accepted(message, result, now)
        case NotNow(reason, _, reopens, facts):
            return _snooze(message, reason, _reopening(message, reopens, now), facts)
        case RetryLater(reason, facts):
            return _retry(message, reason, facts, now)
        case Refused(reason, scope, facts) if message.other_ways and _of_this_way(message, scope):
            return ways.next_way(message, reason, facts, now)
        case Refused(reason, _, facts):
            return Move(message, MessageState.FAILED, reason, facts, {"lease_until": None, "claims": []})
        case Unknown(reason, facts):
            return Move(message, MessageState.UNCONFIRMED, reason, facts, {"lease_until": None})


def _of_this_way(message: Message, scope: Scope) -> bool:
    """Whether a refusal leaves the other ways open. A chat message and an SMS have a text of their own, not the template."""
    return scope == Scope.RECIPIENT or (scope == Scope.TEMPLATE and message.text != "")


def _accepted(message: Message, result: Accepted, now: datetime) -> Move:
    sent_at = result.sent_at or now
    changes: dict[str, object] = {"msg_id": result.msg_id, "sent_at": sent_at, "lease_until": None}
    if result.is_free:
        changes["price_vnd"] = 0
    if message.channel == ChannelName.ZNS and result.msg_id:
        # No receipt by the template's timeout means not charged: Zalo is asked about it then.
        timeout = timedelta(milliseconds=message.template.timeout_ms)
        changes["poll_at"] = sent_at + timeout + RECEIPT_GRACE
    reason = Reason.SMS_ACCEPTED if message.channel == ChannelName.SMS else Reason.ACCEPTED
    return Move(message, MessageState.SENT, reason, changes=changes)


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after the n-th failed attempt: 30 s, 1, 2, 4 minutes; None when enough is enough."""
    return FIRST_RETRY * 2 ** (attempts - 1) if attempts < MAX_ATTEMPTS else None


def _retry(message: Message, reason: str, facts: dict[str, object], now: datetime) -> Move:
    delay = retry_delay(message.attempts)
    if delay is None and message.other_ways:
        return ways.next_way(message, Reason.ATTEMPTS_SPENT, {**facts, "attempts": message.attempts}, now)
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
    """Remember who is not to be written to: by no way after a refusal, not by Zalo where the phone is unknown there.

    Only a send by phone says anything of the phone.
    """
    marks: dict[str, Suppression] = {}
    for message, result in pairs:
        if message.channel == ChannelName.ZNS and _refused_as(result, Reason.NOT_ON_ZALO):
            until = now + timedelta(days=settings.NOT_ON_ZALO_DAYS)
            marks.setdefault(message.phone, _mark(message, Suppression.Way.ZALO, Reason.NOT_ON_ZALO, until, now))
        elif _refused_as(result, Reason.RECIPIENT_REFUSES):
            until = now + RESPECT_REFUSAL
            marks[message.phone] = _mark(message, Suppression.Way.EVERY, Reason.RECIPIENT_REFUSES, until, now)
    suppressions.put(list(marks.values()), now)


def _refused_as(result: SendResult, reason: Reason) -> bool:
    return isinstance(result, Refused) and result.reason == reason


def _mark(message: Message, way: Suppression.Way, reason: Reason, until: datetime, now: datetime) -> Suppression:
    return Suppression(
        workspace_id=message.workspace_id, phone=message.phone, way=way, reason_code=reason, until=until, created_at=now
    )


def _turned_away(pairs: Sequence[tuple[Message, SendResult]]) -> list[tuple[Message, str]]:
    """The messages for which Zalo says that a window is closed, each with the rule it names."""
    return [
        (message, result.reason)
        for message, result in pairs
        if isinstance(result, NotNow) and result.scope == Scope.WINDOW
    ]


def _counts(pairs: Sequence[tuple[Message, SendResult]]) -> list[guard.Count]:
    """Zalo's own count of the account's day, where it came with the answer."""
    return [
        guard.Count(message, result.daily_quota, result.remaining_quota)
        for message, result in pairs
        if isinstance(result, Accepted) and result.daily_quota is not None and result.remaining_quota is not None
    ]


def _block(account: OfficialAccount, pairs: Sequence[tuple[Message, SendResult]]) -> None:
    """The vendor refuses the account as a whole: stop it and tell a person, rather than burn every message on it.

    What the SMS vendor refuses is the clinic's account there, and says nothing of the Official Account.
    """
    blocked = {
        message.channel == ChannelName.SMS: result
        for message, result in pairs
        if isinstance(result, NotNow) and result.scope == Scope.ACCOUNT
    }
    if sms := blocked.get(True):
        logger.error("sms: the account of workspace %s is blocked: %s", account.workspace_id, sms.facts)
        connected = SmsAccount.objects.filter(workspace=account.workspace_id, blocked_reason="")
        connected.update(blocked_reason=sms.reason, blocked_facts=sms.facts)
    if zalo := blocked.get(False):
        logger.error("zalo: account %s is blocked: %s", account.oa_id, zalo.facts)
        account.blocked_reason, account.blocked_facts = account.blocked_reason or zalo.reason, zalo.facts
        account.save(update_fields=["blocked_reason", "blocked_facts"])
