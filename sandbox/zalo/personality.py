"""PURE. How an account's Zalo answers on an ordinary day: quick, slow, shaky or strict.

Nothing here is random. A call's lot is drawn from a hash of the account, the address, the body and the Vietnamese minute, so the
same call at the same minute always meets the same, and a retry some minutes later may fare better.

| name | answers after | receipts | trouble, of 1,000 calls |
|---|---|---|---|
| steady | at once | as `receipt_delay_s` says | none |
| fast | at once | at once | none |
| slow | 0.2 to 2 s | 20 × as late | 5 accepted, then no answer for 30 s |
| flaky | 0 to 0.5 s | 5 × as late | 10 × 429, 10 × 500, 10 resets, 10 lost and 5 torn answers, 15 other types, 10 no receipt, 10 two |
| strict | at once | as `receipt_delay_s` says | none, but takes only what Zalo's documents allow to the letter |
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox import vietnam

_DRAWS = 1_000
_TRACKING_ID = re.compile(r"[A-Za-z0-9_-]{1,48}", re.ASCII)
_DOCUMENTED_PHONE = re.compile(r"\+?84\d{9}", re.ASCII)


@dataclass(frozen=True)
class Stumble:
    """A misfortune that nobody scripted."""

    kind: str
    seconds: float = 0
    code: int = 0


@dataclass(frozen=True)
class Personality:
    """`trips` says of how many calls in a thousand each kind of fault befalls one."""

    answers_s: tuple[float, float] = (0, 0)
    receipts_times: float = 1
    trips: Mapping[str, int] = field(default_factory=dict)
    hold_s: float = 30
    strict: bool = False


PERSONALITIES = {
    "steady": Personality(),
    "fast": Personality(receipts_times=0),
    "slow": Personality(answers_s=(0.2, 2), receipts_times=20, trips={"timeout_after_accept": 5}),
    "flaky": Personality(
        answers_s=(0, 0.5),
        receipts_times=5,
        trips={
            "http_429": 10,
            "http_500": 10,
            "reset": 10,
            "lost_answer": 10,
            "truncated_json": 5,
            "other_types": 15,
            "receipt_missing": 10,
            "receipt_duplicate": 10,
        },
    ),
    "strict": Personality(strict=True),
}


def lot(oa_id: str, path: str, raw: bytes, now: datetime) -> float:
    """The call's number from 0 up to 1, the same for the same call within one minute."""
    minute = f"{vietnam.local(now):%Y-%m-%dT%H:%M}"
    digest = hashlib.sha256(b"\n".join((oa_id.encode(), path.encode(), minute.encode(), raw))).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def stumble(name: str, drawn: float) -> Stumble | None:
    """The misfortune that a call with this lot meets under the personality `name`, or None."""
    traits = PERSONALITIES[name]
    place = int(drawn * _DRAWS)
    for kind, share in traits.trips.items():
        if place < share:
            return Stumble(kind, traits.hold_s if kind == "timeout_after_accept" else 0)
        place -= share
    return None


def answers_after_s(name: str, drawn: float) -> float:
    """Seconds until the answer; the unlucky also wait longest on no account: the lot is turned round."""
    quick, slow = PERSONALITIES[name].answers_s
    return quick + (slow - quick) * (1 - drawn)


def strict_problem(body: Mapping[str, Any]) -> int | None:
    """What a strict Zalo refuses though the usual one lets it pass: the code, or None.

    Other spellings of a phone, no or a long or odd tracking_id, and values that are not strings (zalo-api §2.1).
    """
    if "phone" in body and not (isinstance(body["phone"], str) and _DOCUMENTED_PHONE.fullmatch(body["phone"])):
        return -108
    if "user_id" not in body and not _TRACKING_ID.fullmatch(str(body.get("tracking_id", ""))):
        return -132
    data = body.get("template_data")
    values = data.values() if isinstance(data, dict) else ()
    return None if all(isinstance(value, str) for value in values) else -1124
