"""PURE. Zalo's error codes, and what each means for one send.

The table is that of Zalo's ZNS/ZBS error page; codes that integrators saw but Zalo no longer lists are kept.
"""

from __future__ import annotations

from collections.abc import Callable

from integrations.base import NotNow, Refused, Reopens, RetryLater, Scope, SendResult

# -124 is the business host's word for an expired token; -216 and -220 are the OA host's, seen on both.
TOKEN_EXPIRED = frozenset({-124, -216, -220})

Meaning = Callable[[dict[str, object]], SendResult]


def _refused(reason: str, scope: Scope) -> Meaning:
    return lambda facts: Refused(reason, scope, facts)


def _window(reason: str, reopens: Reopens) -> Meaning:
    return lambda facts: NotNow(reason, Scope.WINDOW, reopens, facts)


def _account(facts: dict[str, object]) -> SendResult:
    return NotNow("account_blocked", Scope.ACCOUNT, Reopens.BY_HAND, facts)


def _busy(facts: dict[str, object]) -> SendResult:
    return NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, facts)


def _retry(facts: dict[str, object]) -> SendResult:
    return RetryLater("vendor_busy", facts)


_recipient = _refused("not_on_zalo", Scope.RECIPIENT)
_refuses = _refused("recipient_refuses", Scope.RECIPIENT)
_template = _refused("template_refused", Scope.TEMPLATE)

# fmt: off
_TEMPLATE_CODES = (
    -106, -107, -109, -111, -112, -1121, -1122, -1123, -1124, -113, -1131, -1132, -116, -117, -121, -122,
    -127, -130, -131, -132, -146, -153, -161, -162,
)
_ACCOUNT_CODES = (
    -101, -102, -103, -104, -105, -115, -120, -1241, -125, -126, -135, -1351, -136, -137, -138, -1381,
)
# fmt: on

_MEANINGS: dict[int, Meaning] = {
    -32: _busy,
    -100: _retry,
    # this recipient
    -108: _refused("phone_invalid", Scope.RECIPIENT),
    -110: _recipient,
    -114: _recipient,
    -118: _recipient,
    -119: _recipient,
    -134: _refuses,
    -139: _refuses,
    -141: _refuses,
    -140: _refused("promotion_not_eligible", Scope.RECIPIENT),
    # a window that is closed
    -133: _window("zalo_night", Reopens.MORNING),
    -144: _window("daily_quota", Reopens.NEXT_DAY),
    -1441: _window("promotion_month_quota", Reopens.NEXT_MONTH),
    -147: _window("template_day_quota", Reopens.NEXT_DAY),
    -1471: _window("user_month_quota", Reopens.NEXT_MONTH),
    -1472: _window("promotion_day_quota", Reopens.NEXT_DAY),
    -145: _refused("tag_not_entitled", Scope.TEMPLATE),
    # the template or what we put into it
    **dict.fromkeys(_TEMPLATE_CODES, _template),
    # the app or the account: a person must act, and every other message would fare the same. -115 and -137 are money.
    **dict.fromkeys(_ACCOUNT_CODES, _account),
}


def meaning(code: int, text: str) -> SendResult:
    """What Zalo's answer `code` means for the send. An unknown code is a passing fault with a cap on attempts."""
    facts: dict[str, object] = {"code": code, "zalo": text[:200]}
    if code not in _MEANINGS:
        facts["unknown_code"] = True
    return _MEANINGS.get(code, _retry)(facts)
