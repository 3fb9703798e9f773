"""Hops 5 and 6: claim due messages with their quota, then send them with no transaction open. `settle.py` is hop 7."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from campaigns import guard, lastlook, recheck, twins, ways
from campaigns.amendment import amend
from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.settle import settle
from campaigns.states import MessageState
from campaigns.transitions import Move, move
from integrations import registry
from integrations.base import (
    Channel,
    ChannelName,
    Clock,
    Deferral,
    NotNow,
    OutgoingMessage,
    Refusal,
    SendResult,
    Unknown,
)
from integrations.models import OfficialAccount
from integrations.vietnam import local
from integrations.zalo.errors import TOKEN_EXPIRED

PUT_ASIDE = timedelta(hours=1)
# A channel that could not be opened, or whose vendor answers nothing, is asked again this much later.
CLOSED_PAUSE = timedelta(minutes=1)
# An account to which Zalo answers nothing is left alone for so long.
REST = timedelta(minutes=1)

logger = logging.getLogger(__name__)


def dispatch(*, account: OfficialAccount, clock: Clock, limit: int) -> int:
    """Claim and send one batch of the account's due messages; return how many were looked at.

    Nothing is claimed for an account that has no token to send with: its messages wait, and the account says why.
    """
    zns = registry.channel(ChannelName.ZNS)
    if recheck.day_ends_meanwhile(clock.now()) or not zns.open(account, clock):
        return 0
    looked_at, leased = claim(account=account, clock=clock, limit=limit)
    claimed_on = local(clock.now()).date()
    # Zalo's silence rests the account; the SMS vendor's says nothing of it, and only the batch's other SMS wait.
    silent: set[ChannelName] = set()
    for name, chunk in _chunks(leased):
        channel = registry.channel(name)
        blocked = name == ChannelName.SMS and ways.sms_blocked(account)
        token = None if blocked or name in silent else channel.open(account, clock)
        if not token:
            # A blocked SMS account is the ladder's to tell, at once.
            hand_back(chunk, now=clock.now(), due_at=None if blocked else clock.now() + CLOSED_PAUSE)
            continue
        good = recheck.still_good(account, name, chunk, clock, claimed_on)
        if rest := [message for message in chunk if message not in good]:
            hand_back(rest, now=clock.now())
        if good and not _send_chunk(account, channel, good, token, clock):
            logger.warning("%s: account %s is not heard, the rest waits", name, account.oa_id)
            if name == ChannelName.SMS:
                silent.add(name)
            else:
                _rest(account, clock)
    return looked_at


def _chunks(leased: Sequence[Message]) -> Iterator[tuple[ChannelName, list[Message]]]:
    """The batch cut into pieces of one channel each, in its order."""
    size = _chunk_size()
    by_way: dict[str, list[Message]] = {}
    for message in leased:
        by_way.setdefault(message.channel, []).append(message)
    for way, messages in by_way.items():
        for start in range(0, len(messages), size):
            yield ChannelName(way), messages[start : start + size]


def _chunk_size() -> int:
    return max(1, settings.SEND_CONCURRENCY) * recheck.CHUNK_PER_THREAD


def claim(*, account: OfficialAccount, clock: Clock, limit: int) -> tuple[int, list[Message]]:
    """How many due messages were looked at, and those that are now leased to us with their quota reserved.

    One transaction: a message is leased if and only if its places in the quota windows are taken.
    """
    now = clock.now()
    with transaction.atomic():
        due = list(
            Message.objects.due(account, now)
            .select_related("record__customer", "enrollment")
            # A few rows that the whole batch shares: joined, each would be read and built once a message.
            .prefetch_related("template", "workspace")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        look = lastlook.prepare(due, now)
        moves, wanted = _last_look(due, look, ways.known(account, due, look))
        rules = account.rules_on(local(now).date())
        answers = guard.reserve(account=account, policy=rules, messages=wanted, now=now)
        moves += [_answered(*pair, clock) for pair in zip(wanted, answers, strict=True)]
        moved = move(moves, now=now)
        twins.vacate((message for message in moved if message.state == MessageState.CANCELLED), now=now)
    return len(due), [message for message in moved if message.state == MessageState.LEASED]


@transaction.atomic
def hand_back(messages: Sequence[Message], *, now: datetime, due_at: datetime | None = None) -> None:
    """Leased messages that surely were not sent wait again, and their places in the windows are free.

    They are due as they were, or at `due_at`, unless their record was corrected while they were held.
    """
    held = [copy.copy(message) for message in messages]
    free: dict[str, object] = {"lease_until": None, "claims": []} | ({"due_at": due_at} if due_at else {})
    moved = {
        each.pk
        for each in move(
            [Move(each, MessageState.SCHEDULED, Reason.HANDED_BACK, changes=free) for each in held], now=now
        )
    }
    guard.release(message for message in messages if message.pk in moved)
    amend({message.record_id for message in messages if message.pk in moved}, now=now)


def _lease(clock: Clock) -> datetime:
    return clock.wall() + timedelta(seconds=settings.LEASE_S)


def _last_look(
    due: Sequence[Message], look: lastlook.Look, known: ways.LadderFacts
) -> tuple[list[Move], list[Message]]:
    moves, wanted = [], []
    for message in due:
        objection = _objection(message, look, known)
        if objection:
            moves.append(objection)
        else:
            wanted.append(message)
    return moves, wanted


def _objection(message: Message, look: lastlook.Look, known: ways.LadderFacts) -> Move | None:
    """One poison message must not stop the street: it is put aside for an hour and said aloud."""
    try:
        lastlook.refresh(message, look)
        return lastlook.objection(message, look) or ways.choose(message, look, known)
    except Exception:
        logger.exception("message %s could not be looked at", message.pk)
        return lastlook.snoozed(message, Reason.INTERNAL_ERROR, look.now + PUT_ASIDE, {})


def _answered(message: Message, answer: guard.Answer, clock: Clock) -> Move:
    match answer:
        case Deferral(rule, _, facts) | Refusal(rule, facts) if rule in ways.OF_ONE_WAY and message.other_ways:
            return ways.next_way(message, rule, facts, clock.now())
        case Deferral(rule, until, facts):
            # A window that reopens at midnight is no reason to wake anyone, whatever the tag.
            return lastlook.snoozed(message, rule, lastlook.send_hours(message).next_open(until), facts)
        case Refusal(rule, facts):
            return Move(message, MessageState.SKIPPED, rule, facts)
        case keys:
            changes: dict[str, object] = {
                "claims": list(keys),
                "lease_until": _lease(clock),
                "fence": message.fence + 1,
            }
            return Move(message, MessageState.LEASED, Reason.CLAIMED, changes=changes)


def _send_chunk(account: OfficialAccount, channel: Channel, chunk: Sequence[Message], token: Any, clock: Clock) -> bool:
    """Write the intent, ask the vendor, write the answers: three steps, and no transaction around the second.

    Whether the vendor hears us.
    """
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
        OutgoingMessage(
            message.tracking_id,
            message.phone,
            message.template.template_id,
            message.params,
            user_id=message.user_id,
            text=message.text,
        )
        for message in ours
    ]
    results = channel.send_many(account, outgoing, token, clock)
    settle(account=account, messages=ours, results=results, now=clock.now())
    whole_chunk = len(results) == _chunk_size() and all(_unanswered(result) for result in results)
    return not whole_chunk and not any(_unknown_token(result) for result in results)


def _unanswered(result: SendResult) -> bool:
    return isinstance(result, Unknown) or (isinstance(result, NotNow) and result.reason == Reason.VENDOR_BUSY)


def _unknown_token(result: SendResult) -> bool:
    """Whether Zalo refused the token, and the fresh one as well if there was one: to fetch another now would not help."""
    return isinstance(result, NotNow) and result.facts.get("code") in TOKEN_EXPIRED


def _rest(account: OfficialAccount, clock: Clock) -> None:
    """Zalo does not hear us: each further chunk would put more messages in doubt, and hold up other accounts."""
    OfficialAccount.objects.filter(pk=account.pk).update(rests_until=clock.wall() + REST)


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
