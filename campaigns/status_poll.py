"""A message whose receipt did not come by its template's time-out: Zalo is asked once what became of it.

There is no event for a message that did not arrive. Zalo's `/message/status` says 1 delivered, 0 not delivered, -1 that it
knows no such message.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.delivery import delivered, is_late, undelivered
from campaigns.models import Message
from campaigns.states import MessageState
from campaigns.transitions import Move, move
from datahub.bulk import update_rows
from integrations.base import Clock
from integrations.http import Outcome, body_of, fan_out
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.answers import token_expired
from integrations.zalo.api import Credentials
from integrations.zalo.values import json_object, moment

logger = logging.getLogger(__name__)

# Asked again when half as much time again has passed since it was sent, as long as Zalo gives no answer.
SHORTEST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
# No answer in so long is none any more: the message stays "sent", which is all that is known.
ASKED_FOR = timedelta(days=3)
# A message that Zalo does not know may be one it does not know yet. After a day it is one that nobody received or paid.
KNOWN_WITHIN = timedelta(days=1)


def poll(*, clock: Clock, limit: int) -> int:
    """Ask about the next sent messages whose `poll_at` has come; return how many were looked at.

    An account that has no token now is left for later, and the others are asked all the same.
    """
    due = _claim(clock.now(), limit)
    _settle(_ask(due, clock), clock.now())
    return len(due)


def _claim(now: datetime, limit: int) -> list[Message]:
    """The due messages, theirs put off first, so that nobody else asks and a worker that dies loses none."""
    with transaction.atomic():
        due = Message.objects.filter(state=MessageState.SENT, poll_at__lte=now).order_by("poll_at")
        held = list(due.select_for_update(skip_locked=True)[:limit])
        rows = [{"k": each.pk, "was": each.state, "poll_at": _next(each, now)} for each in held]
        types = {"k": "bigint", "was": "text", "poll_at": "timestamptz"}
        ours = set(update_rows(Message, rows, assign="poll_at = v.poll_at", where="t.state = v.was", types=types))
    return [each for each in held if each.pk in ours]


def _next(message: Message, now: datetime) -> datetime | None:
    age = now - (message.sent_at or message.created_at)
    if age > ASKED_FOR:
        logger.warning("zalo: message %s is asked about for the last time", message.tracking_id)
        return None
    return now + min(max(SHORTEST_PAUSE, age / 2), LONGEST_PAUSE)


def _ask(due: Sequence[Message], clock: Clock) -> dict[int, Outcome]:
    """Message id → what Zalo answered. No transaction is open. A token that works no more is renewed, once."""
    keys = {pk: _key(pk, clock) for pk in {message.account_id for message in due}}
    answers = _statuses(due, keys)
    expired = [message for message in due if message.pk in answers and token_expired(answers[message.pk])]
    again = {message.account_id for message in expired}
    return answers | _statuses(expired, {pk: _key(pk, clock, stale=keys[pk]) for pk in again})


def _statuses(messages: Sequence[Message], keys: Mapping[int, Credentials]) -> dict[int, Outcome]:
    asked = [(message.pk, keys[message.account_id], message.msg_id) for message in messages if keys[message.account_id]]
    outcomes = fan_out(lambda each: api.message_status(each[1], each[2]), asked)
    return {pk: outcome for (pk, _, _), outcome in zip(asked, outcomes, strict=True)}


def _key(account_id: int, clock: Clock, stale: Credentials | None = None) -> Credentials:
    """What to ask with for this account; false where there is none. One account's trouble is not the others'."""
    try:
        account = OfficialAccount.objects.get(pk=account_id)
        return tokens.renew(account, stale=stale, clock=clock, urgent=True) if stale else tokens.current(account, clock)
    except Exception:
        logger.exception("zalo: account %s cannot be asked about its messages", account_id)
        return Credentials("")


@transaction.atomic
def _settle(answers: dict[int, Outcome], now: datetime) -> None:
    """Move those of which Zalo told the end. One whose receipt came meanwhile is no longer `sent` and is left alone."""
    sent = Message.objects.filter(pk__in=answers, state=MessageState.SENT).select_related("template")
    held = sent.order_by("pk").select_for_update(of=("self",))
    move([end for each in held if (end := _end(each, answers[each.pk], now))], now=now)


def _end(message: Message, outcome: Outcome, now: datetime) -> Move | None:
    body = body_of(outcome)
    told = json_object(body.get("data")) if body.get("error") == 0 else {}
    sent_at = message.sent_at or message.created_at
    match str(told.get("status")):
        case "1" if at := moment(told.get("delivery_time")):
            return delivered(message, at=at)
        case "0" if is_late(message, sent_at, now):
            return undelivered(message)
        case "-1" if now - sent_at > KNOWN_WITHIN:
            return undelivered(message)
    logger.info("zalo: no end is told of message %s: %s", message.tracking_id, outcome)
    return None
