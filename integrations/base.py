"""PURE. The closed vocabulary between the engine and a channel: what goes out, what may come back, what the guard answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal, Protocol

Facts = dict[str, Any]


class Tag(IntEnum):
    """Zalo's content classes since 2024-04-16: the lower the number, the earlier it may go when a quota is short."""

    TRANSACTION = 1
    CUSTOMER_CARE = 2
    PROMOTION = 3


@dataclass(frozen=True)
class OutgoingMessage:
    """One message as a channel needs it. `tracking_id` is ours and comes back in receipts."""

    tracking_id: str
    phone: str
    template_id: str
    params: dict[str, str]


# --- what a send may answer ---------------------------------------------------


@dataclass(frozen=True)
class Accepted:
    """The vendor took it. `sent_at` is the vendor's own time (UTC); the quota numbers are the vendor's, where told."""

    msg_id: str
    sent_at: datetime | None = None
    daily_quota: int | None = None
    remaining_quota: int | None = None


class Scope(StrEnum):
    """What an answer speaks of: this recipient, the template, the whole account, or a quota window."""

    RECIPIENT = "recipient"
    TEMPLATE = "template"
    ACCOUNT = "account"
    WINDOW = "window"


class Reopens(StrEnum):
    """When it is worth asking again: in the vendor's local time, after a person acted, or soon, ever more slowly."""

    NEXT_DAY = "next_day"
    NEXT_MONTH = "next_month"
    MORNING = "morning"
    BY_HAND = "by_hand"
    SOON = "soon"


@dataclass(frozen=True)
class NotNow:
    """Surely not sent, and nobody's fault: costs no attempt. `reopens` says when it is worth asking again."""

    reason: str
    scope: Scope
    reopens: Reopens
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class RetryLater:
    """Surely not sent; a passing fault. Costs an attempt."""

    reason: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """Surely not sent and never will be as it stands."""

    reason: str
    scope: Scope
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Unknown:
    """It may have gone out: never sent again by machine."""

    reason: str
    facts: Facts = field(default_factory=dict)


SendResult = Accepted | NotNow | RetryLater | Refused | Unknown


# --- what comes back later ----------------------------------------------------


@dataclass(frozen=True)
class Receipt:
    """A vendor's word about a message sent earlier. `at` is UTC."""

    kind: Literal["delivered"]
    at: datetime
    msg_id: str
    tracking_id: str


# --- what the guard answers ---------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """One send wants one place in the window `key`, which ends at `ends_at` (UTC) and holds `limit` places."""

    key: str
    rule: str
    limit: int
    ends_at: datetime


@dataclass(frozen=True)
class Deferral:
    """Not now: ask again at `until` (UTC). `rule` is a reason code of `campaigns/reasons.py`."""

    rule: str
    until: datetime
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Never, as it stands."""

    rule: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class SendFacts:
    """What a policy may know about one intended send. Times are UTC."""

    tag: Tag
    phone: str
    last_care_delivered_at: datetime | None = None
    template_daily_quota: int | None = None
    template_id: str = ""


@dataclass(frozen=True)
class AccountFacts:
    """What a policy may know about the sending account. `daily_quota` None means unlimited."""

    oa_id: str
    daily_quota: int | None
    promotion_month_quota: int


class Policy(Protocol):
    """A vendor's quota rules at a date: pure, so the same function serves the live guard and a rehearsal."""

    def assess(self, account: AccountFacts, send: SendFacts, now: datetime) -> tuple[Claim, ...] | Deferral | Refusal:
        """The windows one send takes a place in; or until when it must wait; or why it may never go."""

    def month_quota(self, *, care_delivered: int, is_first_month: bool) -> int:
        """Promotion's quota of a month, from the care messages delivered in the two months before."""


class Clock(Protocol):
    """What an edge hands to work that goes on for a while: `integrations.clock`, or a test's own."""

    def now(self) -> datetime:
        """Business time, UTC."""

    def wall(self) -> datetime:
        """Real time, UTC: for leases."""


class Channel(Protocol):
    """One way to reach a patient."""

    name: str

    def open(self, account: Any, clock: Clock) -> str:
        """What the account sends with (a token), asked before anything is claimed; empty when it cannot send now."""

    def send_many(
        self, account: Any, messages: Sequence[OutgoingMessage], token: str, clock: Clock
    ) -> list[SendResult]:
        """One result a message, in order. Never raises for what the vendor or the network does."""

    def policy(self, account: Any) -> Policy:
        """The quota rules the account lives under."""
