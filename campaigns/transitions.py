"""The one way a message changes its state: UPDATE … WHERE state and fence are still those we read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns.models import Message, MessageEvent
from campaigns.reasons import Reason
from campaigns.states import MessageState, may_move
from datahub.bulk import update_rows, upsert_rows

# Every column a move may change, with its PostgreSQL type.
_COLUMNS = {
    "state": "text",
    "due_at": "timestamptz",
    "expires_at": "timestamptz",
    "attempts": "int",
    "snoozes": "int",
    "fence": "int",
    "lease_until": "timestamptz",
    "claims": "jsonb",
    "phone": "text",
    "params": "jsonb",
    "channel": "text",
    "user_id": "text",
    "text": "text",
    "tried": "jsonb",
    "price_vnd": "int",
    "poll_at": "timestamptz",
    "reason_code": "text",
    "facts": "jsonb",
    "msg_id": "text",
    "sent_at": "timestamptz",
    "delivered_at": "timestamptz",
}
_ASSIGN = ", ".join(f"{name} = v.{name}" for name in _COLUMNS)
_TYPES = {"k": "bigint", "was_state": "text", "was_fence": "int", **_COLUMNS}
# A lease is housekeeping, not history: what a person asks about is when it waited, left and ended, and why.
_SILENT = frozenset({MessageState.LEASED, MessageState.SENDING})


@dataclass(frozen=True)
class Move:
    """One intended move: the message as it was read, where it goes, why, and the other columns that change with it."""

    message: Message
    target: MessageState
    reason: Reason | str
    facts: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """The columns as they should become, and the state and fence that must still hold."""
        message = self.message
        values = {name: getattr(message, name) for name in _COLUMNS}
        values |= {"state": self.target.value, "reason_code": str(self.reason), "facts": self.facts, **self.changes}
        return {"k": message.pk, "was_state": message.state, "was_fence": message.fence, **values}


def move(moves: Sequence[Move], *, now: datetime) -> list[Message]:
    """Carry out the moves that are still true and return their messages, brought up to date.

    A message that somebody else moved meanwhile is left alone and not returned. Raises ValueError for a move that
    `states.py` does not know.
    """
    for each in moves:
        if not may_move(MessageState(each.message.state), each.target):
            raise ValueError(f"{each.message.state} → {each.target} is no move of a message")
    rows = [each.row() for each in moves]
    changed = set(
        update_rows(
            Message, rows, assign=_ASSIGN, where="t.state = v.was_state AND t.fence = v.was_fence", types=_TYPES
        )
    )
    done = [(each, row) for each, row in zip(moves, rows, strict=True) if each.message.pk in changed]
    upsert_rows(MessageEvent, [_event(each, now) for each, _ in done if each.target not in _SILENT])
    for each, row in done:
        for name in _COLUMNS:
            setattr(each.message, name, row[name])
    return [each.message for each, _ in done]


def _event(each: Move, now: datetime) -> dict[str, Any]:
    return {
        "message_id": each.message.pk,
        "from_state": each.message.state,
        "to_state": each.target.value,
        "reason_code": str(each.reason),
        "facts": each.facts,
        "at": now,
    }
