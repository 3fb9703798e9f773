"""What a visit's step, or its message, should be by now: its record was corrected, set back, or completed again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from campaigns.definition import Definition
from campaigns.lastlook import Look, planned
from campaigns.models import Enrollment, Message
from campaigns.reasons import Reason
from campaigns.states import EnrollmentState, MessageState
from campaigns.steps import Visit, run
from campaigns.transitions import Move
from datahub.models import Record
from datahub.schema import STATUS
from integrations.vietnam import local

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

# What the record itself may undo again.
UNDONE = [Reason.NO_LONGER_MATCHES, Reason.ANCHOR_MISSING]


def look_at(definitions: dict[int, Definition], now: datetime) -> Look:
    """What `plan` needs to know; who may not be written to is for the last look."""
    return Look(frozenset(), frozenset(), definitions, now)


def plan(message: Message, look: Look) -> datetime | Move | None:
    """When a message that waits, or was stopped, is planned for by now; or the move that stops it; or None: it stays as it is.

    Read it `with_told`: what a vendor was told of does not come back. Record and enrollment must have been read.
    """
    return _safely(lambda: _plan(message, look), message)


def _plan(message: Message, look: Look) -> datetime | Move | None:
    definition, waits = look.definitions[message.enrollment.version_id], message.state == MessageState.SCHEDULED
    if not waits and (message.was_told or message.record.is_history):
        return None
    if not _wanted(message.record, message.enrollment, definition, waits=waits, now=look.now):
        return Move(message, MessageState.CANCELLED, Reason.NO_LONGER_MATCHES) if waits else None
    moment = planned(message, look)
    return moment if waits or isinstance(moment, datetime) else None


def visit_row(enrollment: Enrollment, definition: Definition, now: datetime) -> dict[str, Any] | None:
    """The columns of a visit that waits, or was cancelled, as they should become; None where they are as they should be."""
    return _safely(lambda: _visit_row(enrollment, definition, now), enrollment)


def _visit_row(enrollment: Enrollment, definition: Definition, now: datetime) -> dict[str, Any] | None:
    record, waits = enrollment.record, enrollment.state == EnrollmentState.WAITING
    if not _wanted(record, enrollment, definition, waits=waits, now=now):
        return _row(enrollment, EnrollmentState.CANCELLED, Reason.NO_LONGER_MATCHES) if waits else None
    if not waits and record.is_history:
        return None
    # One that comes back waits its whole delay from when it was completed again.
    anchor_at = (
        enrollment.anchor_at if waits else max(enrollment.anchor_at, record.completed_at or enrollment.anchor_at)
    )
    visit = Visit(record.values, anchor_at, record.completed_at)
    progress = run(definition, position=enrollment.position, visit=visit, now=now)
    if progress.anchor_missing and not waits:
        return None
    # A step that is due, or cannot be, is for `progress.advance` to take.
    due_at = now if progress.sends or progress.due_at is None else progress.due_at
    if waits and (due_at == enrollment.due_at or max(due_at, enrollment.due_at) <= now):
        return None
    return _row(enrollment, EnrollmentState.WAITING, "", due_at=due_at, anchor_at=anchor_at)


def _safely(work: Callable[[], Answer], what: Message | Enrollment) -> Answer | None:
    """One poison row must not stop the street: it stays as it is, and is said aloud."""
    try:
        return work()
    except Exception:
        logger.exception("%s %s could not be planned anew", what._meta.model_name, what.pk)
        return None


def _wanted(record: Record, enrollment: Enrollment, definition: Definition, *, waits: bool, now: datetime) -> bool:
    """Whether the campaign still wants the visit, on this occasion."""
    values, today = record.values, local(now).date()
    if not definition.filter.matches(values, today):
        return False
    if definition.re_entry == "never" or enrollment.occasion == record.completions:
        return True
    # Completed again before anybody looked: in between it was set back, and left if the campaign asks for the status.
    return waits and definition.filter.matches(values | {STATUS: ""}, today)


def _row(enrollment: Enrollment, state: EnrollmentState, reason: str, **changes: datetime) -> dict[str, Any]:
    return {
        "k": enrollment.pk,
        "was_state": enrollment.state,
        "was_position": enrollment.position,
        "state": state.value,
        "due_at": enrollment.due_at,
        "anchor_at": enrollment.anchor_at,
        "reason_code": str(reason),
        "facts": {},
        **changes,
    }
