"""What a faulty connection means for the message that was in the question, whoever was asked."""

from __future__ import annotations

from typing import Any

from integrations.base import NotNow, Reopens, Scope, Unknown
from integrations.http import Outcome, Reply, Unanswered, Unreached


def read(outcome: Outcome) -> dict[str, Any] | NotNow | Unknown:
    """The body of a whole answer, for its vendor's table to judge; else whether the message may have gone out."""
    match outcome:
        case Unreached(why):
            return _busy(why=why)
        case Unanswered(why):
            return in_doubt(why=why)
        case Reply(429, _):
            return _busy(http=429)
        case Reply(status, body) if body is None or status >= 500 or status == 408:
            # A failing server or a torn answer says nothing of whether the message went out.
            return in_doubt(http=status)
        case Reply(_, body):
            return body or {}


def in_doubt(**facts: object) -> Unknown:
    """It may have gone out."""
    return Unknown("outcome_unknown", facts)


def _busy(**facts: object) -> NotNow:
    """Nobody listened: surely not sent, and not the message's fault."""
    return NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, facts)
