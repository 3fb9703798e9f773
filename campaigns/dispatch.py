"""Hops 5 and 6: claim due messages with their quota, then send them with no transaction open. `settle.py` is hop 7."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from campaigns import guard, lastlook
from campaigns.models import Campaign, Message
from campaigns.reasons import Reason
from campaigns.settle import settle
from campaigns.states import CampaignState, MessageState
from campaigns.transitions import Move, move
from integrations.base import Channel, Clock, Deferral, OutgoingMessage, Refusal
from integrations.models import OfficialAccount
from integrations.registry import channel_for
from integrations.vietnam import local

# Two per sending thread: large enough that one slow answer does not idle the others, small enough that a killed
# worker leaves few messages in doubt.
CHUNK_PER_THREAD = 2
PUT_ASIDE = timedelta(hours=1)

logger = logging.getLogger(__name__)


def dispatch(*, account: OfficialAccount, clock: Clock, limit: int) -> int:
    """Claim and send one batch of the account's due messages; return how many were looked at.

    Nothing is claimed for an account that has no token to send with: its messages wait, and the account says why.
    """
    channel = channel_for(account)
    token = channel.open(account, clock)
    if not token:
        return 0
    looked_at, leased = claim(account=account, channel=channel, clock=clock, limit=limit)
    claimed_on = local(clock.now()).date()
    size = max(1, settings.SEND_CONCURRENCY) * CHUNK_PER_THREAD
    for start in range(0, len(leased), size):
        chunk = leased[start : start + size]
        good = _still_good(account, chunk, clock, claimed_on)
        if rest := [message for message in chunk if message not in good]:
            hand_back(rest, now=clock.now())
        if good:
            _send_chunk(account, channel, good, token, clock)
    return looked_at


def claim(*, account: OfficialAccount, channel: Channel, clock: Clock, limit: int) -> tuple[int, list[Message]]:
    """How many due messages were looked at, and those that are now leased to us with their quota reserved.

    One transaction: a message is leased if and only if its places in the quota windows are taken.
    """
    now = clock.now()
    with transaction.atomic():
        due = list(
            Message.objects.due(account, now)
            .select_related("record", "enrollment")
            # A few rows that the whole batch shares: joined, each would be read and built once a message.
            .prefetch_related("template", "workspace")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        look = lastlook.prepare(due, now)
        moves, wanted = _last_look(due, look)
        answers = guard.reserve(account=account, policy=channel.policy(account), messages=wanted, now=now)
        moves += [_answered(*pair, lease_until=_lease(clock)) for pair in zip(wanted, answers, strict=True)]
        moved = move(moves, now=now)
    return len(due), [message for message in moved if message.state == MessageState.LEASED]


def _still_good(account: OfficialAccount, chunk: Sequence[Message], clock: Clock, claimed_on: date) -> list[Message]:
    """Those of a claimed chunk that may leave this very moment.

    Earlier chunks may have taken a minute, the machine may have slept, a person may have pressed Tạm dừng, Zalo may have
    refused the account: a claim is not a permission for ever, and a place in today's quota is none in tomorrow's.
    """
    now, wall = clock.now(), clock.wall()
    account.refresh_from_db(fields=["blocked_reason"])
    if account.blocked_reason or local(now).date() != claimed_on:
        return []
    campaigns = {message.campaign_id for message in chunk}
    active = set(Campaign.objects.filter(pk__in=campaigns, state=CampaignState.ACTIVE).values_list("pk", flat=True))
    return [
        message
        for message in chunk
        if message.campaign_id in active
        and message.lease_until is not None
        and wall < message.lease_until
        and lastlook.not_yet(message, now) is None
    ]


@transaction.atomic
def hand_back(messages: Sequence[Message], *, now: datetime) -> None:
    """Leased messages that surely were not sent wait again, and their places in the windows are free."""
    held = [copy.copy(message) for message in messages]
    free: dict[str, object] = {"lease_until": None, "claims": []}
    moved = {
        each.pk
        for each in move(
            [Move(each, MessageState.SCHEDULED, Reason.HANDED_BACK, changes=free) for each in held], now=now
        )
    }
    guard.release(message for message in messages if message.pk in moved)


def _lease(clock: Clock) -> datetime:
    return clock.wall() + timedelta(seconds=settings.LEASE_S)


def _last_look(due: Sequence[Message], look: lastlook.Look) -> tuple[list[Move], list[Message]]:
    moves, wanted = [], []
    for message in due:
        objection = _objection(message, look)
        if objection:
            moves.append(objection)
        else:
            wanted.append(message)
    return moves, wanted


def _objection(message: Message, look: lastlook.Look) -> Move | None:
    """One poison message must not stop the street: it is put aside for an hour and said aloud."""
    try:
        lastlook.refresh(message, look)
        return lastlook.objection(message, look)
    except Exception:
        logger.exception("message %s could not be looked at", message.pk)
        return lastlook.snoozed(message, Reason.INTERNAL_ERROR, look.now + PUT_ASIDE, {})


def _answered(message: Message, answer: guard.Answer, *, lease_until: datetime) -> Move:
    match answer:
        case Deferral(rule, until, facts):
            # A window that reopens at midnight is no reason to wake anyone, whatever the tag.
            return lastlook.snoozed(message, rule, lastlook.send_hours(message).next_open(until), facts)
        case Refusal(rule, facts):
            return Move(message, MessageState.SKIPPED, rule, facts)
        case keys:
            changes: dict[str, object] = {"claims": list(keys), "lease_until": lease_until, "fence": message.fence + 1}
            return Move(message, MessageState.LEASED, Reason.CLAIMED, changes=changes)


def _send_chunk(account: OfficialAccount, channel: Channel, chunk: Sequence[Message], token: str, clock: Clock) -> None:
    """Write the intent, ask Zalo, write the answers: three steps, and no transaction around the second."""
    intents = [
        Move(
            message,
            MessageState.SENDING,
            Reason.SENDING,
            changes={"lease_until": _lease(clock), "attempts": message.attempts + 1},
        )
        for message in chunk
    ]
    ours = move(intents, now=clock.now())
    outgoing = [
        OutgoingMessage(message.tracking_id, message.phone, message.template.template_id, message.params)
        for message in ours
    ]
    results = channel.send_many(account, outgoing, token, clock)
    settle(account=account, messages=ours, results=results, now=clock.now())


def rescue(*, clock: Clock, limit: int) -> int:
    """Take back what a dead worker held: surely unsent goes back to wait, what was being sent is in doubt for good."""
    with transaction.atomic():
        lost = list(Message.objects.lease_expired(clock.wall()).select_for_update(skip_locked=True)[:limit])
        hand_back([message for message in lost if message.state == MessageState.LEASED], now=clock.now())
        doubtful = [message for message in lost if message.state == MessageState.SENDING]
        facts = {"why": "worker_lost"}
        move(
            [
                Move(each, MessageState.UNCONFIRMED, Reason.OUTCOME_UNKNOWN, facts, {"lease_until": None})
                for each in doubtful
            ],
            now=clock.now(),
        )
    return len(lost)
