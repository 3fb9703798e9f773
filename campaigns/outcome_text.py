"""PURE. What the cell “Kết quả gửi tin” beside a row says, in Vietnamese whoever looks: it is the clinic's own sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.states import MessageState
from datahub.text import clean
from integrations.vietnam import local

LIMIT = 300
_BETWEEN = " · "
# A cell that begins with one of these is, or was once, a formula to some spreadsheet.
_FORMULA = "=+-@'’`\t\r "


@dataclass(frozen=True)
class Outcome:
    """Where one message of the visit stands. `why` is the reason's sentence; times are UTC."""

    state: MessageState
    due_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    why: str = ""


def sentence(outcome: Outcome) -> str:
    """One message in a few words: planned, sent, received, or why not."""
    match outcome.state:
        case MessageState.SCHEDULED | MessageState.LEASED | MessageState.SENDING:
            return f"Dự kiến gửi {_at(outcome.due_at)}"
        case MessageState.SENT:
            return f"Đã gửi {_at(outcome.sent_at)}"
        case MessageState.DELIVERED:
            return f"Đã nhận {_at(outcome.delivered_at or outcome.sent_at)}"
        case MessageState.UNDELIVERED:
            return f"Đã gửi {_at(outcome.sent_at)}, không tới: {_why(outcome)}"
        case MessageState.UNCONFIRMED:
            return f"Chưa rõ kết quả: {_why(outcome)}"
        case _:
            return f"Không gửi: {_why(outcome)}"


def cell(sentences: Sequence[str]) -> str:
    """The text for the cell: the newest state of every message, at most LIMIT characters, never a formula.

    Where there is no room for all, the earliest go first: what is still to come matters more.
    """
    if len(sentences) > 1:
        sentences = [f"Tin {number}: {text}" for number, text in enumerate(sentences, start=1)]
    kept = list(sentences)
    while len(kept) > 1 and len(_BETWEEN.join(kept)) > LIMIT:
        kept = kept[1:]
    text = clean(_BETWEEN.join(kept)).lstrip(_FORMULA)
    return text if len(text) <= LIMIT else f"{text[: LIMIT - 1]}…"


def _at(moment: datetime | None) -> str:
    return f"{local(moment):%H:%M %d/%m}" if moment else "lúc chưa rõ"


def _why(outcome: Outcome) -> str:
    return outcome.why.rstrip(".") or "không rõ lý do"
