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


class ChannelName(StrEnum):
    """The ways to a patient, cheapest first. Codes are stored: never rename one."""

    CHAT = "chat"  # a consultation message to a user id, within days of what the patient wrote
    UID = "uid"  # an approved template to a user id
    ZNS = "zns"  # an approved template to a phone number
    SMS = "sms"


class Brake(IntEnum):
    """How far sending is held back because patients report it: each step includes those before it."""

    NONE = 0
    SLOW = 1
    HOLD_PROMOTION = 2
    ONLY_TRANSACTION = 3


@dataclass(frozen=True)
class OutgoingMessage:
    """One message as a channel needs it. `tracking_id` is ours; `text` is the whole text of a chat message or an SMS."""

    tracking_id: str
    phone: str
    template_id: str
    params: dict[str, str]
    user_id: str = ""
    text: str = ""


# --- what a send may answer
@dataclass(frozen=True)
class Accepted:
    """The vendor took it. `sent_at` is the vendor's own time (UTC); its quota numbers and that it is free, where told."""

    msg_id: str
    sent_at: datetime | None = None
    daily_quota: int | None = None
    remaining_quota: int | None = None
    is_free: bool = False


class Scope(StrEnum):
    """What an answer speaks of, and so who else would fare the same."""

    RECIPIENT = "recipient"  # this person by this way: another way may still reach them, so the ladder goes on
    PERSON = "person"  # this person by any way: they refuse the clinic, or may not be sent such content
    TEMPLATE = "template"  # everyone who gets this template, or our data for it
    ACCOUNT = "account"  # all that is sent with what the channel opened: the Official Account; for SMS the SmsAccount
    WINDOW = "window"  # all that takes a place in a quota window


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


# --- what comes back later
@dataclass(frozen=True)
class Receipt:
    """A vendor's word about a message sent earlier. `at` is UTC."""

    kind: Literal["delivered"]
    at: datetime
    msg_id: str
    tracking_id: str


@dataclass(frozen=True)
class Reacted:
    """What the patient did with a message: gave one to five stars with a note, or pressed an answer button."""

    kind: Literal["rated", "clicked"]
    at: datetime
    msg_id: str
    tracking_id: str
    rate: int | None = None
    note: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Met:
    """What the vendor told of a person: followed or left, wrote or touched something, gave a phone number.

    `is_follower` None says nothing of it; `interacted` opens the window for chat messages; `phone` is 84 and nine digits.
    """

    user_id: str
    at: datetime
    is_follower: bool | None = None
    interacted: bool = False
    phone: str = ""


@dataclass(frozen=True)
class QuotaTold:
    """The account's daily quota is now this; None is unlimited."""

    at: datetime
    daily_quota: int | None


@dataclass(frozen=True)
class TagsTold:
    """The account may now send these tags."""

    at: datetime
    tags: tuple[int, ...]


@dataclass(frozen=True)
class TemplateTold:
    """What changed in one template; None is unchanged."""

    at: datetime
    template_id: str
    status: str | None = None
    quality: str | None = None
    reason: str = ""
    daily_quota: int | None = None


Told = Receipt | Reacted | Met | QuotaTold | TagsTold | TemplateTold


# --- what the guard answers
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


Period = Literal["day", "week", "month"]
"""A stretch of Vietnam's calendar; a week begins on Monday."""


@dataclass(frozen=True)
class Cap:
    """The clinic's own rule: a person gets at most `limit` messages of a tag in a calendar day, week or month."""

    tag: Tag
    period: Period
    limit: int


@dataclass(frozen=True)
class SendFacts:
    """What a policy may know about one intended send. Times are UTC."""

    tag: Tag
    phone: str
    last_care_delivered_at: datetime | None = None
    template_daily_quota: int | None = None
    template_id: str = ""
    channel: ChannelName = ChannelName.ZNS
    template_brake: Brake = Brake.NONE
    last_interaction_at: datetime | None = None
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True)
class AccountFacts:
    """What a policy may know about the sending account. `daily_quota` None means unlimited.

    `allowed_tags` None means the vendor has not said; `tag_one_reserve` is a percentage of the daily quota. `clinic` is
    whose account it is: the clinic's own caps count over all of its accounts.
    """

    oa_id: str
    daily_quota: int | None
    promotion_month_quota: int
    allowed_tags: tuple[int, ...] | None = None
    tag_one_reserve: int = 0
    brake: Brake = Brake.NONE
    clinic: str = ""


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

    name: ChannelName

    def open(self, account: Any, clock: Clock) -> Any:
        """What the account sends with (a token), asked before anything is claimed; false when it cannot send now."""

    def send_many(
        self, account: Any, messages: Sequence[OutgoingMessage], token: Any, clock: Clock
    ) -> list[SendResult]:
        """One result a message, in order. Never raises for what the vendor or the network does."""
