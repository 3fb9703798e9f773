"""PURE. The life of a message: every state, and every move between two of them."""

from __future__ import annotations

from enum import StrEnum


class MessageState(StrEnum):
    """Where a message stands. docs/lifecycle.md says the same and is tested against this file."""

    SCHEDULED = "scheduled"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"


S = MessageState

MOVES: dict[MessageState, frozenset[MessageState]] = {
    # Claimed; or the last look said no; or a person stopped it; or it waits for a window (the same state, later).
    S.SCHEDULED: frozenset({S.SCHEDULED, S.LEASED, S.SKIPPED, S.CANCELLED, S.DELIVERED}),
    # The intent is written; or it goes back before anything was sent.
    S.LEASED: frozenset({S.SENDING, S.SCHEDULED, S.DELIVERED}),
    # The answer came; or nobody knows; or the receipt overtook the answer.
    S.SENDING: frozenset({S.SENT, S.SCHEDULED, S.FAILED, S.UNCONFIRMED, S.DELIVERED}),
    S.SENT: frozenset({S.DELIVERED, S.UNDELIVERED}),
    # Only a receipt or a person's judgement ends the doubt; a machine never sends again.
    S.UNCONFIRMED: frozenset({S.SENT, S.DELIVERED, S.FAILED}),
    # Zalo may report a late delivery.
    S.UNDELIVERED: frozenset({S.DELIVERED}),
    # A receipt is proof, whatever we believed: Zalo may refuse in words and deliver all the same.
    # The row that was written to in its place is no more; or the visit is again as it was, and nobody had been told of it:
    # then it waits again, or is a repeat where another row took its place.
    S.SKIPPED: frozenset({S.SCHEDULED, S.DELIVERED}),
    S.CANCELLED: frozenset({S.SCHEDULED, S.SKIPPED, S.DELIVERED}),
    S.FAILED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset(),
}

OPEN = frozenset({S.SCHEDULED, S.LEASED, S.SENDING})
OUT = frozenset({S.SENT, S.DELIVERED, S.UNDELIVERED})


def may_move(source: MessageState, target: MessageState) -> bool:
    """Whether the move is a line of the table."""
    return target in MOVES[source]


class EnrollmentState(StrEnum):
    """Where a visit stands in a campaign."""

    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"


class CampaignState(StrEnum):
    """Nháp → Đang chạy ⇄ Tạm dừng."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
