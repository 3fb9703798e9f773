"""Letting go of visits that are about to be removed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from campaigns import twins
from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.transitions import Move, move

# Nothing left for these, and nothing will.
_NEVER_LEFT = (MessageState.SKIPPED, MessageState.CANCELLED)


def release(record_ids: Collection[int], now: datetime) -> set[int]:
    """Cancel what waits to be sent for these visits; the ids of those that something was sent for, or may be being sent.

    Call it in the transaction that removes the others.
    """
    mine = Message.objects.filter(record__in=record_ids).with_told()
    found = mine.filter(~Q(state__in=_NEVER_LEFT) | Q(was_told=True))
    messages = list(found.select_related("record", "enrollment"))
    stay = {each.record_id for each in messages if each.was_told or each.state != MessageState.SCHEDULED}
    waiting = [message for message in messages if message.record_id not in stay]
    cancelled = move([Move(message, MessageState.CANCELLED, Reason.NO_LONGER_MATCHES) for message in waiting], now=now)
    # The row of the same visit that stays is written to instead.
    twins.vacate(cancelled, now=now, without=set(record_ids) - stay)
    # One that a worker has claimed since it was read may be on its way.
    claimed = {message.pk for message in waiting} - {message.pk for message in cancelled}
    return stay | {message.record_id for message in waiting if message.pk in claimed}
