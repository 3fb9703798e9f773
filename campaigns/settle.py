"""Hop 7: what Zalo answered becomes the state of the message, in one bulk write a chunk."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction

from campaigns import guard, lastlook, ways
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
    insist(lambda: _write(account, pairs, now))


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
        case Refused(reason, Scope.RECIPIENT, facts) if message.other_ways:
            return ways.next_way(message, reason, facts, now)
        case Refused(reason, _, facts):
            return Move(message, MessageState.FAILED, reason, facts, {"lease_until": None, "claims": []})
        case Unknown(reason, facts):
            return Move(message, MessageState.UNCONFIRMED, reason, facts, {"lease_until": None})


def _accepted(message: Message, result: Accepted, now: datetime) -> Move:
    sent_at = result.sent_at or now
    changes: dict[str, object] = {"msg_id": result.msg_id, "sent_at": sent_at, "lease_until": None}
    if result.is_free:
        changes["price_vnd"] = 0
    if message.channel == ChannelName.ZNS:
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

    Only a send by phone says anything of the phone. A mark that holds longer than ours stays as it is.
    """
    marks = {
        (Reason.RECIPIENT_REFUSES, Suppression.Way.EVERY, now + RESPECT_REFUSAL): [
            message for message, result in pairs if _refused_as(result, Reason.RECIPIENT_REFUSES)
        ],
        (Reason.NOT_ON_ZALO, Suppression.Way.ZALO, now + timedelta(days=settings.NOT_ON_ZALO_DAYS)): [
            message
            for message, result in pairs
            if message.channel == ChannelName.ZNS and _refused_as(result, Reason.NOT_ON_ZALO)
        ],
    }
    for (reason, way, until), messages in marks.items():
        if messages:
            _mark(messages, Suppression(way=way, reason_code=reason, until=until, created_at=now))


def _refused_as(result: SendResult, reason: Reason) -> bool:
    return isinstance(result, Refused) and result.reason == reason


def _mark(messages: Sequence[Message], mark: Suppression) -> None:
    """Put the mark on the phones of the messages, which are of one clinic.

    Rows are made and locked in the order of the phones, so that two batches that mark the same ones do not deadlock.
    """
    clinic, phones = messages[0].workspace_id, sorted({message.phone for message in messages})
    new = [
        Suppression(
            workspace_id=clinic,
            phone=phone,
            way=mark.way,
            reason_code=mark.reason_code,
            until=mark.until,
            created_at=mark.created_at,
        )
        for phone in phones
    ]
    Suppression.objects.bulk_create(new, ignore_conflicts=True)
    shorter = Suppression.objects.filter(workspace=clinic, phone__in=phones, way=mark.way, until__lt=mark.until)
    held = list(shorter.order_by("phone").select_for_update().values_list("pk", flat=True))
    Suppression.objects.filter(pk__in=held).update(reason_code=mark.reason_code, until=mark.until)


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
