"""Rows typed twice for one visit: who holds the occasion to write, and who takes it over when the holder is cancelled.

An occasion is a message's `dedupe_key`, which is unique: whoever holds the bare key may be sent, everybody else's ends in
`:again:` and waits for it. `tracking_id` follows the key, so that Zalo is never told one name for two messages. A message that
a vendor was told of keeps both for good, and speaks for the visit that its row is corrected into as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db.models import Q

from campaigns.lastlook import Look, refresh
from campaigns.models import Message
from campaigns.models.campaign import readable
from campaigns.reasons import Reason
from campaigns.replan import look_at, plan
from campaigns.states import OUT, MessageState
from campaigns.transitions import Move, move
from datahub.bulk import update_rows

# Those that wait for somebody else's occasion.
REPEATED = Q(state=MessageState.SKIPPED, reason_code=Reason.DUPLICATE_VISIT)
_ON_ITS_WAY = frozenset({MessageState.LEASED, MessageState.SENDING, MessageState.UNCONFIRMED}) | OUT
_AGAIN = ":again:"
_TYPES = {"k": "bigint", "old_key": "text", "dedupe_key": "text", "tracking_id": "text"}
_UNTOLD = (
    "t.dedupe_key = v.old_key AND t.state IN ('scheduled', 'cancelled', 'skipped') AND NOT EXISTS"
    " (SELECT 1 FROM campaigns_messageevent e WHERE e.message_id = t.id AND e.from_state = 'sending')"
)
_ASSIGN = "dedupe_key = v.dedupe_key, tracking_id = v.tracking_id"


def occasion_key(lineage: UUID, step: str, visit_key: str, occasion: int) -> str:
    """The key of one occasion to write. The visit, not the row: a row typed twice for one visit is one occasion."""
    return f"{lineage.hex}:{step}:{visit_key}:{occasion}"


def key_of(message: Message) -> str:
    """The occasion that the message's record stands for now. Enrollment and record must have been read."""
    enrollment = message.enrollment
    return occasion_key(enrollment.lineage, message.step, message.record.visit_key, enrollment.occasion)


def repeat_key(key: str, enrollment_id: int) -> str:
    """The key of one who does not hold the occasion."""
    return f"{key}{_AGAIN}{enrollment_id}"


def tracking_id(dedupe_key: str) -> str:
    """Our name for the message at Zalo: at most 48 plain characters, the same for the same occasion."""
    return sha256(dedupe_key.encode()).hexdigest()[:40]


def rekey(keys: Mapping[Message, str]) -> list[Message]:
    """Give these messages other keys, where theirs is still the one we read and nobody was ever told of them."""
    rows = [
        {"k": message.pk, "old_key": message.dedupe_key, "dedupe_key": key, "tracking_id": tracking_id(key)}
        for message, key in keys.items()
    ]
    changed = set(update_rows(Message, rows, assign=_ASSIGN, where=_UNTOLD, types=_TYPES))
    done = [message for message in keys if message.pk in changed]
    for message in done:
        message.dedupe_key, message.tracking_id = keys[message], tracking_id(keys[message])
    return done


def spoken_for(keys: Iterable[str], *, tables: Iterable[int]) -> dict[str, set[int]]:
    """Those of the occasions that messages which left, or may have, stand for by what their rows say now; whose they are.

    A row corrected after its message left stands for another visit than the message's key. What was refused for good stands
    for none: it reached nobody.
    """
    wanted = set(keys)
    if not wanted:
        return {}
    messages = Message.objects.with_told().filter(
        record__dataset__in=set(tables), record__visit_key__in=_visits(wanted)
    )
    left = messages.filter(Q(state__in=_ON_ITS_WAY) | Q(was_told=True)).exclude(state=MessageState.FAILED)
    names = ("pk", "enrollment__lineage", "step", "record__visit_key", "enrollment__occasion")
    found: dict[str, set[int]] = {}
    for pk, *parts in left.values_list(*names):
        if (key := occasion_key(*parts)) in wanted:
            found.setdefault(key, set()).add(pk)
    return found


def vacate(cancelled: Iterable[Message], *, now: datetime, without: Collection[int] = ()) -> None:
    """Messages that were cancelled before anybody heard of them give their occasion to the next row of the same visit.

    `now` is UTC. Records and enrollments must have been read. One that was ever offered to a vendor keeps its occasion: a
    refusal in words is no proof that nothing arrived. Records in `without` inherit nothing.
    """
    holders = {message: message.dedupe_key for message in cancelled if _AGAIN not in message.dedupe_key}
    given_up = rekey({message: repeat_key(key, message.enrollment_id) for message, key in holders.items()})
    tables = {each.record.dataset_id for each in given_up}
    release([holders[message] for message in given_up], tables=tables, now=now, without=without)


def release(keys: Iterable[str], *, tables: Iterable[int], now: datetime, without: Collection[int] = ()) -> None:
    """Let the first row that was skipped for each of these occasions be written to, if one is wanted and it is not too late."""
    tables = set(tables)
    wanted = set(keys)
    wanted -= spoken_for(wanted, tables=tables).keys()
    if not wanted:
        return
    skipped = Message.objects.filter(REPEATED, record__dataset__in=tables, record__visit_key__in=_visits(wanted))
    repeats = list(
        skipped.exclude(record__in=without).with_told().select_related("record", "enrollment").order_by("pk")
    )
    look = look_at(readable({message.enrollment.version_id for message in repeats}), now)
    heirs: dict[Message, str] = {}
    moves: dict[Message, Move] = {}
    for message in repeats:
        if (key := key_of(message)) in wanted and (freed := _freed(message, look)):
            wanted.discard(key)
            heirs[message], moves[message] = key, freed
    move([moves[message] for message in rekey(heirs)], now=now)


def _freed(message: Message, look: Look) -> Move | None:
    """The repeat as it waits when it is its turn; None where its row does not want it now, or it is too late."""
    planned = plan(message, look)
    if not isinstance(planned, datetime):
        return None
    expires_at = planned + timedelta(hours=look.step(message).useful_hours)
    if expires_at < look.now:
        return None
    refresh(message, look)
    changes = {"due_at": max(planned, look.now), "expires_at": expires_at}
    return Move(message, MessageState.SCHEDULED, Reason.DUPLICATE_RELEASED, changes=changes)


def _visits(keys: Iterable[str]) -> set[str]:
    """A key ends in the visit and the occasion."""
    return {key.rsplit(":", 2)[1] for key in keys}
