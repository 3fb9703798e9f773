"""PURE. Zalo's error codes, and what each means for one send: the tables of both hosts, code → result.

The business host's is Zalo's ZNS/ZBS error page, with the codes that integrators saw and Zalo no longer lists; the
OpenAPI host's is its own where a number differs, else the same. What the shape of a result says:

- `NotNow` of a window: wait for the day, the month or the morning; or back off, when the reason is `vendor_busy`.
- `NotNow` of the account: stop it and tell a person; `money` in its facts when topping up is what helps.
- `Refused` for the recipient: this way does not reach this person, another may; `needs_a_person` in its facts when it is
  closed to everyone until somebody mends it. For the person: no way reaches them with this message.
- `Refused` for the template: the same template or data would fare no better with anyone.
- `RetryLater`: a passing fault that costs one of a few attempts. An unknown code is one, with `unknown_code` in its facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from integrations.base import NotNow, Refused, Reopens, RetryLater, Scope
from integrations.zalo.values import text

Meaning = NotNow | Refused | RetryLater


class Host(StrEnum):
    """Where the answer came from: the same number may mean another thing."""

    BUSINESS = "business"
    OPENAPI = "openapi"


# -124 is the business host's word for an expired token; -216 and -220 are the OpenAPI host's, seen on both.
TOKEN_EXPIRED = frozenset({-124, -216, -220})


def _recipient(reason: str, **facts: object) -> Refused:
    return Refused(reason, Scope.RECIPIENT, facts)


def _window(reason: str, reopens: Reopens) -> NotNow:
    return NotNow(reason, Scope.WINDOW, reopens)


_BUSY = _window("vendor_busy", Reopens.SOON)
_RETRY = RetryLater("vendor_busy")
_TEMPLATE = Refused("template_refused", Scope.TEMPLATE)
_ACCOUNT = NotNow("account_blocked", Scope.ACCOUNT, Reopens.BY_HAND)
_MONEY = replace(_ACCOUNT, facts={"money": True})
_NOT_ON_ZALO = _recipient("not_on_zalo")
_REFUSES = Refused("recipient_refuses", Scope.PERSON)
# Of this kind of message they want no more: other kinds may go, so that nobody is silenced for it.
_REFUSES_KIND = Refused("recipient_refuses_kind", Scope.PERSON)
# What is counted is nothing that we hold a window for.
_TOMORROW = _window("vendor_busy", Reopens.NEXT_DAY)
# Zalo keeps the door open for seven days after what the person last did.
_CHAT_CLOSED = _recipient("chat_window_closed", days=7)
# The package's consultation messages are used up, or what one person may get: neither is a window that we hold.
_CHAT_QUOTA = _recipient("chat_quota")
# The account may not call this API; what it sends by phone is not at fault. A person should know: `needs_a_person`.
_NOT_BY_THIS_API = _recipient("api_not_allowed", needs_a_person=True)

# fmt: off
_TEMPLATE_CODES = (
    -106, -107, -109, -1091, -111, -112, -1121, -1122, -1123, -1124, -113, -1131, -1132, -116, -117, -121, -122,
    -123, -127, -128, -129, -130, -131, -132, -142, -143, -146, -148, -149, -1491, -150, -151, -152, -153, -158, -159,
    -161, -162,
)
_ACCOUNT_CODES = (
    -101, -102, -103, -104, -105, -120, -1201, -1202, -1241, -125, -126, -135, -1351, -136, -138, -1381,
)
# fmt: on

BUSINESS: Mapping[int, Meaning] = {
    -32: _BUSY,
    -100: _RETRY,
    **dict.fromkeys(TOKEN_EXPIRED, _BUSY),
    -108: _recipient("phone_invalid"),
    -110: _NOT_ON_ZALO,
    -114: _NOT_ON_ZALO,
    -118: _NOT_ON_ZALO,
    -119: _NOT_ON_ZALO,
    -134: _REFUSES,
    -139: _REFUSES_KIND,
    -141: _REFUSES,
    -140: Refused("promotion_not_eligible", Scope.PERSON),
    -133: _window("zalo_night", Reopens.MORNING),
    -144: _window("daily_quota", Reopens.NEXT_DAY),
    -1441: _window("promotion_month_quota", Reopens.NEXT_MONTH),
    -147: _window("template_day_quota", Reopens.NEXT_DAY),
    -1471: _window("user_month_quota", Reopens.NEXT_MONTH),
    -1472: _window("user_day_quota", Reopens.NEXT_DAY),
    -160: _TOMORROW,
    # A person must act, but what the account sends with other tags is not at fault.
    -145: Refused("tag_not_entitled", Scope.TEMPLATE),
    -115: _MONEY,
    -137: _MONEY,
    **dict.fromkeys(_TEMPLATE_CODES, _TEMPLATE),
    **dict.fromkeys(_ACCOUNT_CODES, _ACCOUNT),
}

OPENAPI: Mapping[int, Meaning] = {
    **BUSINESS,
    -100: _TEMPLATE,  # an attachment expired
    -200: _RETRY,
    -201: _TEMPLATE,
    -204: _ACCOUNT,
    -205: _ACCOUNT,
    -209: _NOT_BY_THIS_API,
    -210: _TEMPLATE,
    -211: _CHAT_QUOTA,
    -212: _NOT_BY_THIS_API,
    -213: _recipient("not_follower"),
    -217: _REFUSES,
    -218: _CHAT_QUOTA,
    -219: _ACCOUNT,
    -221: _ACCOUNT,
    -223: _NOT_BY_THIS_API,
    -224: _NOT_BY_THIS_API,
    -227: _NOT_ON_ZALO,  # banned, or away for 45 days
    -230: _CHAT_CLOSED,
    -231: _CHAT_CLOSED,
    -232: _CHAT_CLOSED,
    -233: _TEMPLATE,
    -234: _window("zalo_night", Reopens.MORNING),
    -235: _NOT_BY_THIS_API,
    -237: _TEMPLATE,
    -238: _TEMPLATE,
    -240: _TEMPLATE,
    -241: _TEMPLATE,
    -242: _ACCOUNT,
    -244: _REFUSES_KIND,
    -248: _TEMPLATE,
    -249: _recipient("template_refused"),  # by phone it goes
    -320: _ACCOUNT,
    -321: _MONEY,
    -403: _TEMPLATE,
}

_TABLES = {Host.BUSINESS: BUSINESS, Host.OPENAPI: OPENAPI}


def meaning(host: Host, code: int, said: str) -> Meaning:
    """What Zalo's answer `code` with its words means for the send. An unknown code is a passing fault."""
    told: dict[str, object] = {"code": code, "zalo": text(said, 200)}
    known = (_by_text(code, said) if host is Host.OPENAPI else None) or _TABLES[host].get(code)
    if known is None:
        return replace(_RETRY, facts={**told, "unknown_code": True})
    return replace(known, facts={**known.facts, **told})


def _by_text(code: int, words: str) -> Meaning | None:
    """Two codes of the OpenAPI host mean one thing or another, and only their text tells which."""
    said = words.lower()
    if code == -201 and "user_id" in said:
        return _CHAT_CLOSED  # the account does not know the person, who never wrote to it
    if code == -223 and ("article" in said or "quota" in said):
        return _TOMORROW
    return None
