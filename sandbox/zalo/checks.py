"""PURE. The questions Zalo asks of one send, in order; the first no is the answer.

The order is the one suggested in zalo-api §9.2; Zalo's real order is not published.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox import vietnam
from sandbox.zalo import limits, params, phones
from sandbox.zalo.answers import failed

ENABLE, PENDING_REVIEW, DISABLE = 1, 2, 4
NORMAL, BEYOND_QUOTA = "1", "3"

Check = Callable[["Facts"], int | dict[str, Any] | None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The body of a template send, field by field, whichever way it came."""

    phone: str | None  # 84…, None if it is no mobile number; "" while only its hash or a user id is known
    phone_hash: str = ""
    user_id: str = ""
    template_id: str
    template_data: object
    tracking_id: object
    sending_mode: str
    mode: str

    @property
    def in_development(self) -> bool:
        return self.mode == "development"

    @property
    def channel(self) -> str:
        """How the message is addressed: phone, hash or uid."""
        return "uid" if self.user_id else "hash" if self.phone_hash else "phone"

    @property
    def known_by(self) -> str:
        """The field that tells one person from another: the phone where it is known."""
        return "phone" if self.phone else "user_id" if self.user_id else "phone_hash"


def read(body: Mapping[str, Any]) -> Request:
    """A body with a phone as a request. Missing fields become values that no check lets pass."""
    return Request(phone=phones.canonical(body.get("phone", "")), **_fields(body))


def read_hashed(body: Mapping[str, Any], phone_hash: str, phone: str | None) -> Request:
    """A body with a hash; `phone` is whose it is, "" if nobody knows, None if it is no hash."""
    return Request(phone=phone, phone_hash=phone_hash, **_fields(body))


def read_uid(body: Mapping[str, Any], user_id: str, phone: str) -> Request:
    """A body with a user id; `phone` is theirs if known. This way has no tracking_id and no modes (zalo-api §2.5)."""
    known = {"template_id": body.get("template_id", ""), "template_data": body.get("template_data")}
    return Request(phone=phone, user_id=user_id, **_fields(known))


def _fields(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "template_id": str(body.get("template_id", "")),
        "template_data": body.get("template_data"),
        "tracking_id": body.get("tracking_id", ""),
        "sending_mode": str(body.get("sending_mode", NORMAL)),
        "mode": str(body.get("mode") or ""),
    }


@dataclass(frozen=True, kw_only=True)
class TemplateFacts:
    """What counts of a template."""

    ours: bool
    status: int
    tag: int
    params: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class RecipientFacts:
    """What counts of the person behind the phone. The default is a Zalo user who gets everything."""

    on_zalo: bool = True
    blocked: bool = False
    refusal: int = 0
    served_lately: bool = True  # got tag 1 or 2 from this account within six months; asked for tag 3 only


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that the answer depends on, short of the counters."""

    now: datetime
    request: Request
    standing_error: int
    tags: Sequence[int]
    is_admin: bool
    beyond_quota: bool
    template: TemplateFacts | None
    recipient: RecipientFacts


def first_problem(facts: Facts) -> dict[str, Any] | None:
    """Zalo's refusal of this send, or None if only the quotas are left to ask."""
    for check in _CHECKS:
        problem = check(facts)
        if problem:
            return problem if isinstance(problem, dict) else failed(problem)
    return None


def _account_may_send(facts: Facts) -> int | None:
    return facts.standing_error or None


def _fields_are_valid(facts: Facts) -> int | None:
    if facts.request.phone is None:
        return -108
    if not isinstance(facts.request.tracking_id, str) or facts.request.mode not in ("", "development"):
        return -132
    return None


def _template_is_usable(facts: Facts) -> int | None:
    template = facts.template
    if template is None:
        return -109
    if not template.ours:
        return -117
    if template.status == DISABLE:
        return -146
    on_trial = facts.request.in_development and template.status == PENDING_REVIEW
    return None if template.status == ENABLE or on_trial else -131


def _data_fits(facts: Facts) -> dict[str, Any] | None:
    return params.first_problem(facts.request.template_data, facts.template.params if facts.template else [])


def _mode_is_allowed(facts: Facts) -> int | None:
    if facts.request.in_development and not facts.is_admin:
        return -127
    mode = facts.request.sending_mode
    if mode == BEYOND_QUOTA and _tag(facts) != limits.PROMOTION:
        return -162
    # An account that is not on Zalo's list for mode 3: which code it gets is not published.
    return None if mode == NORMAL or (mode == BEYOND_QUOTA and facts.beyond_quota) else -161


def _tag_is_allowed(facts: Facts) -> int | None:
    return None if _tag(facts) in facts.tags else -145


def _hour_is_decent(facts: Facts) -> int | None:
    return -133 if _tag(facts) == limits.PROMOTION and vietnam.is_night(facts.now) else None


def _person_can_receive(facts: Facts) -> int | None:
    if not facts.recipient.on_zalo:
        return -118
    if facts.recipient.refusal:
        return facts.recipient.refusal
    return -141 if facts.recipient.blocked else None


def _person_was_served(facts: Facts) -> int | None:
    return None if _tag(facts) != limits.PROMOTION or facts.recipient.served_lately else -140


def _tag(facts: Facts) -> int:
    return facts.template.tag if facts.template else 0


_CHECKS: tuple[Check, ...] = (
    _account_may_send,
    _fields_are_valid,
    _template_is_usable,
    _data_fits,
    _mode_is_allowed,
    _tag_is_allowed,
    _hour_is_decent,
    _person_can_receive,
    _person_was_served,
)
