"""A visit that changed while its message waits: re-planned with the new data, cancelled with the reason, or brought back.

What has left, or is leaving, is not touched: `recheck` hands back what was claimed with data that is no more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from campaigns import lastlook, twins
from campaigns.models import Enrollment, Message
from campaigns.models.campaign import readable
from campaigns.reasons import Reason
from campaigns.replan import UNDONE, look_at, plan, visit_row
from campaigns.states import EnrollmentState, MessageState
from campaigns.transitions import Move, move
from datahub.bulk import update_rows

_COLUMNS = {
    "state": "text",
    "due_at": "timestamptz",
    "anchor_at": "timestamptz",
    "reason_code": "text",
    "facts": "jsonb",
}
_ASSIGN = ", ".join(f'"{name}" = v."{name}"' for name in _COLUMNS)
_TYPES = {"k": "bigint", "was_state": "text", "was_position": "int", **_COLUMNS}


def amend(record_ids: Collection[int], *, now: datetime) -> None:
    """Bring what waits for these records up to what they say now. `now` is UTC; inside the transaction that handles their events.

    A constant number of queries, and none where nothing waits but the two that look.
    """
    if record_ids:
        _amend_visits(record_ids, now)
        _amend_messages(record_ids, now)


# --- visits that have not reached their next step --------------------------------


def _amend_visits(record_ids: Collection[int], now: datetime) -> None:
    cancelled = Q(state=EnrollmentState.CANCELLED, reason_code__in=UNDONE)
    found = Enrollment.objects.filter(Q(state=EnrollmentState.WAITING) | cancelled, record__in=record_ids)
    # Whoever is taking a step of theirs now writes its message first: only then are all messages known.
    enrollments = list(found.select_related("record").select_for_update(of=("self",)).order_by("pk"))
    definitions = readable({each.version_id for each in enrollments})
    rows = [
        visit_row(each, definitions[each.version_id], now) for each in enrollments if each.version_id in definitions
    ]
    where = "t.state = v.was_state AND t.position = v.was_position"
    update_rows(Enrollment, [row for row in rows if row], assign=_ASSIGN, where=where, types=_TYPES)


# --- messages that wait, were cancelled, or were a twin's to send ---------------------


def _amend_messages(record_ids: Collection[int], now: datetime) -> None:
    cancelled = Q(state=MessageState.CANCELLED, reason_code__in=UNDONE)
    found = Message.objects.filter(Q(state=MessageState.SCHEDULED) | cancelled | twins.REPEATED, record__in=record_ids)
    messages = list(found.with_told().select_related("record", "enrollment").order_by("pk"))
    definitions = readable({each.enrollment.version_id for each in messages})
    look = look_at(definitions, now)
    plans = {each: plan(each, look) for each in messages if each.enrollment.version_id in definitions}
    wanted = {message: plan for message, plan in plans.items() if isinstance(plan, datetime)}
    stopped = [plan for plan in plans.values() if isinstance(plan, Move)]
    before = {message: message.dedupe_key for message in wanted}
    holders = _take_keys(wanted)
    moves = [*stopped, *(_moved(message, wanted[message], holders[message], look) for message in holders)]
    moved = move([each for each in moves if each], now=now)
    left = {before[each]: each.record.dataset_id for each in wanted if each.dedupe_key != before[each]}
    twins.release(list(left), tables=left.values(), now=now)
    twins.vacate((each for each in moved if each.state == MessageState.CANCELLED), now=now)


def _take_keys(wanted: Mapping[Message, datetime]) -> dict[Message, bool]:
    """Give each message the occasion that its record stands for now, where nobody has it; whether it may be sent.

    One whose occasion another row has becomes, or stays, that row's repeat. One that a vendor was told of keeps its name.
    """
    bases = {message: twins.key_of(message) for message in wanted}
    taken = set(Message.objects.filter(dedupe_key__in=set(bases.values())).values_list("dedupe_key", flat=True))
    spoken_for = twins.spoken_for(bases.values(), tables={message.record.dataset_id for message in bases})
    holders: dict[Message, bool] = {}
    changes: dict[Message, str] = {}
    for message, base in bases.items():
        is_free = base not in taken and not spoken_for.get(base, set()) - {message.pk}
        holders[message] = message.dedupe_key == base or is_free
        key = base if holders[message] else twins.repeat_key(base, message.enrollment_id)
        taken |= {key}
        if key != message.dedupe_key and not message.was_told:
            changes[message] = key
    twins.rekey(changes)
    return holders


def _moved(message: Message, planned: datetime, holds: bool, look: lastlook.Look) -> Move | None:
    """The message as it should wait now; None where it does."""
    if not holds:
        is_told_so = message.state == MessageState.SKIPPED
        return None if is_told_so else Move(message, MessageState.SKIPPED, Reason.DUPLICATE_VISIT)
    waits = message.state == MessageState.SCHEDULED
    step, before = look.step(message), (message.phone, message.params)
    lastlook.refresh(message, look)
    expires_at = planned + timedelta(hours=step.useful_hours)
    moved = expires_at != message.expires_at
    if waits and not moved and before == (message.phone, message.params):
        return None
    due_at = max(planned, look.now) if moved or not waits else message.due_at
    changes = {"due_at": due_at, "expires_at": expires_at}
    return Move(message, MessageState.SCHEDULED, Reason.AMENDED, changes=changes)
