"""PURE. eSMS's codes for a customer-care SMS, and what each means for it: developers.esms.vn, "Table of error codes"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integrations.base import NotNow, Refused, Reopens, RetryLater, Scope

Meaning = NotNow | Refused | RetryLater

ACCEPTED = "100"
DUPLICATE = "124"

_ACCOUNT = NotNow("sms_blocked", Scope.ACCOUNT, Reopens.BY_HAND)
_TEXT = Refused("sms_refused", Scope.TEMPLATE)
_RECIPIENT = Refused("sms_refused", Scope.RECIPIENT)

CODES: Mapping[str, Meaning] = {
    "99": _RECIPIENT,  # the number is blocked there; an older page says "invalid request"
    "108": _RECIPIENT,  # no phone number
    "177": _RECIPIENT,  # the brand name is not registered with this network
    "101": _ACCOUNT,  # wrong keys
    "102": _ACCOUNT,  # no price list
    "103": replace(_ACCOUNT, facts={"money": True}),  # the balance is too low
    "104": _ACCOUNT,  # no such brand name
    "118": _ACCOUNT,  # this kind of message is not open to it
    "140": _ACCOUNT,  # our IP address is not on its list
    "300": _ACCOUNT,  # no kind of message: as 118
    "107": _TEXT,  # taken for advertising
    "120": _TEXT,
    "146": _TEXT,  # not the wording that is registered for the brand name
}


def meaning(code: str, text: str) -> Meaning:
    """What eSMS's `CodeResult` with its `ErrorMessage` means. An unknown code is a passing fault with a cap on attempts."""
    told: dict[str, object] = {"code": code, "vendor": text[:200]}
    known = CODES.get(code)
    if known is None:
        return RetryLater("vendor_busy", {**told, "unknown_code": True})
    return replace(known, facts={**known.facts, **told})
