"""PURE. What a consultation message costs and until when it may be sent (zalo-api §0.5, §6).

Zalo publishes the windows. What a message outside the free one costs, and over which time a package's number runs, it does not: the
figures of `RULES` and `PACKAGES` are what integrators tell, and the month is our reading.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_FOR = timedelta(hours=48)
OPEN_FOR = timedelta(days=7)
ACTIVE_FOR = timedelta(days=45)
MOST_TEXT = 2_000

REPLY, SUB_QUOTA, PURCHASED = "reply", "sub_quota", "purchase_quota"
PACKAGES = {
    "Nâng cao": 500,
    "Toàn diện": 2_000,
}  # paid messages a month that come with the package; other packages none


@dataclass(frozen=True)
class Rules:
    """`free_replies` within the free window, None is no limit; each further message costs `price_vnd`."""

    free_replies: int | None
    price_vnd: int


RULES = {"2024": Rules(free_replies=8, price_vnd=55), "2026": Rules(free_replies=None, price_vnd=55)}


def refusal(last_interaction_at: datetime | None, now: datetime) -> int | None:
    """-231 to who never did anything, -230 after seven days of silence, -227 after 45; None while the window is open."""
    if last_interaction_at is None:
        return -231
    silent = now - last_interaction_at
    if silent > ACTIVE_FOR:
        return -227
    return -230 if silent > OPEN_FOR else None


def is_free(policy: str, last_interaction_at: datetime, replies_used: int, now: datetime) -> bool:
    """Whether the next message is a free reply."""
    allowed = RULES[policy].free_replies
    return now - last_interaction_at <= FREE_FOR and (allowed is None or replies_used < allowed)


def window(last_interaction_at: datetime | None, now: datetime) -> str:
    """What an account may write to a person now: "free", "paid", or nothing while it is "closed"."""
    if refusal(last_interaction_at, now) or last_interaction_at is None:
        return "closed"
    return "free" if now - last_interaction_at <= FREE_FOR else "paid"
