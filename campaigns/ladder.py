"""PURE. The channel ladder: which ways to one patient are open now, the cheapest first, and why each other one is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from integrations.base import ChannelName, Tag
from integrations.zalo.rules import ChatRules

# Zalo takes no longer text in a consultation message (zalo-api: CS messages).
LONGEST_CHAT = 2000
# The order of ways that cost the same.
_ORDER = {name: place for place, name in enumerate(ChannelName)}


class Closed(StrEnum):
    """Why a way is closed, one cause each. Codes are stored in facts: never rename one."""

    TRIED = "tried"
    PROMOTION = "promotion"
    NOT_ON_ZALO = "not_on_zalo"
    USER_UNKNOWN = "user_unknown"
    NOT_FOLLOWER = "not_follower"
    CHAT_WINDOW_CLOSED = "chat_window_closed"
    TEMPLATE_BY_PHONE_ONLY = "template_by_phone_only"
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"
    TOO_DEAR = "too_dear"
    SMS_NOT_CONNECTED = "sms_not_connected"
    SMS_BLOCKED = "sms_blocked"


@dataclass(frozen=True)
class Wanted:
    """What the step allows and would say. The texts are filled in; prices are in đồng, `price_sms` for the whole text."""

    ways: tuple[ChannelName, ...]
    tag: Tag
    chat_text: str = ""
    sms_text: str = ""
    max_price: int | None = None
    goes_by_uid: bool = False
    price_zns: int = 0
    price_uid: int = 0
    price_sms: int = 0


@dataclass(frozen=True)
class Person:
    """The one Zalo user behind the phone, as the sending account knows them. Times are UTC."""

    user_id: str
    is_follower: bool = False
    last_interaction_at: datetime | None = None


@dataclass(frozen=True)
class Sms:
    """The clinic's account with the SMS vendor."""

    blocked: bool = False


@dataclass(frozen=True)
class Patient:
    """What is known of one patient at `now` (UTC). `tried` are the ways that surely did not reach them with this message."""

    now: datetime
    chat: ChatRules
    not_on_zalo: bool = False
    person: Person | None = None
    sms: Sms | None = None
    tried: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Way:
    """One open way and what it costs, in đồng."""

    name: ChannelName
    price: int


@dataclass(frozen=True)
class Ladder:
    """Every way the step allows is in exactly one of the two."""

    open: tuple[Way, ...]
    closed: Mapping[ChannelName, Closed]


def climb(wanted: Wanted, patient: Patient) -> Ladder:
    """The ways open to the patient, the cheapest first, ways of one price in the order of `ChannelName`."""
    answers = {name: _look(name, wanted, patient) for name in wanted.ways}
    ways = [Way(name, answer) for name, answer in answers.items() if isinstance(answer, int)]
    closed = {name: answer for name, answer in answers.items() if isinstance(answer, Closed)}
    return Ladder(tuple(sorted(ways, key=lambda way: (way.price, _ORDER[way.name]))), closed)


def _look(name: ChannelName, wanted: Wanted, patient: Patient) -> int | Closed:
    """What the way costs, or why it is closed."""
    if name in patient.tried:
        return Closed.TRIED
    if name != ChannelName.SMS and patient.not_on_zalo:
        return Closed.NOT_ON_ZALO
    answer = _RULES[name](wanted, patient)
    if isinstance(answer, int) and wanted.max_price is not None and answer > wanted.max_price:
        return Closed.TOO_DEAR
    return answer


def _chat(wanted: Wanted, patient: Patient) -> int | Closed:
    """A consultation message: only within days of what the patient last wrote, and never an offer.

    That no offer goes this way is ours: it would pass by every limit that Zalo sets for promotion.
    """
    person, rules = patient.person, patient.chat
    if wanted.tag == Tag.PROMOTION:
        return Closed.PROMOTION
    if not wanted.chat_text:
        return Closed.TEXT_MISSING
    if len(wanted.chat_text) > LONGEST_CHAT:
        return Closed.TEXT_TOO_LONG
    if person is None:
        return Closed.USER_UNKNOWN
    if person.last_interaction_at is None:
        return Closed.CHAT_WINDOW_CLOSED
    silent = patient.now - person.last_interaction_at
    if silent > timedelta(hours=rules.last_hours):
        return Closed.CHAT_WINDOW_CLOSED
    return 0 if silent <= timedelta(hours=rules.free_hours) else rules.paid_price_vnd


def _uid(wanted: Wanted, patient: Patient) -> int | Closed:
    """An approved template to a user id. Promotion by user id was for followers only before templates took its place."""
    if not wanted.goes_by_uid:
        return Closed.TEMPLATE_BY_PHONE_ONLY
    if patient.person is None:
        return Closed.USER_UNKNOWN
    if wanted.tag == Tag.PROMOTION and not patient.person.is_follower:
        return Closed.NOT_FOLLOWER
    return wanted.price_uid


def _zns(wanted: Wanted, patient: Patient) -> int | Closed:
    return wanted.price_zns


def _sms(wanted: Wanted, patient: Patient) -> int | Closed:
    """Promotion never: an advertising SMS needs the patient's consent to advertising beforehand (Decree 91/2020/NĐ-CP)."""
    if wanted.tag == Tag.PROMOTION:
        return Closed.PROMOTION
    if not wanted.sms_text:
        return Closed.TEXT_MISSING
    if patient.sms is None:
        return Closed.SMS_NOT_CONNECTED
    return Closed.SMS_BLOCKED if patient.sms.blocked else wanted.price_sms


_RULES: Mapping[ChannelName, Callable[[Wanted, Patient], int | Closed]] = {
    ChannelName.CHAT: _chat,
    ChannelName.UID: _uid,
    ChannelName.ZNS: _zns,
    ChannelName.SMS: _sms,
}
