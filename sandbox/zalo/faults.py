"""Scripted misfortune: what the network and Zalo do to a client on a bad day, on demand and counted.

A request meets at most one fault, the oldest that fits its phone and account.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import F

from sandbox.models import Fault
from sandbox.zalo import phones

# kind → what happens. The first group refuses the send; in the others Zalo has accepted the message.
REFUSING = {
    "error": "answers with the error `code`; nothing is accepted",
    "http_429": "HTTP 429 with Retry-After; nothing is accepted",
    "http_500": "HTTP 500; nothing is accepted",
    "token_death": "the current access token dies and the request gets -124; a refresh token still works",
}
ANSWERING = {
    "timeout_after_accept": "accepted, then no answer for `seconds` (30 if not given)",
    "lost_answer": "accepted, then an empty HTTP 500",
    "truncated_json": "accepted, but the answer breaks off in the middle",
}
ARRIVING = {
    "undelivered": "accepted, never arrives on the phone, so no receipt",
    "receipt_missing": "arrives, but its receipt is never posted",
    "receipt_duplicate": "its receipt is posted twice",
    "receipt_late": "its receipt is posted `seconds` late (3600 if not given)",
}
KINDS = REFUSING | ANSWERING | ARRIVING
_SECONDS = {"timeout_after_accept": 30.0, "receipt_late": 3600.0}
_LONGEST_S = 30 * 86_400


@dataclass(frozen=True)
class Script:
    """A fault as somebody asked for it, checked."""

    kind: str
    count: int
    phone: str
    oa_id: str
    code: int
    seconds: float


def parse(asked: dict[str, Any]) -> Script:
    """The script in {"kind", "count"?, "phone"?, "oa_id"?, "code"?, "seconds"?}. ValueError says what is wrong."""
    kind = asked.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}")
    phone = phones.canonical(asked["phone"]) if asked.get("phone") else ""
    if phone is None:
        raise ValueError(f"phone {asked['phone']} is no Vietnamese mobile number")
    count = _number(asked, "count", 1, least=1, most=1_000_000)
    seconds = _number(asked, "seconds", _SECONDS.get(kind, 0.0), least=0, most=_LONGEST_S)
    code = _number(asked, "code", -100, least=-99_999, most=-1) if kind == "error" else 0
    return Script(kind, int(count), phone, str(asked.get("oa_id") or ""), int(code), seconds)


def _number(asked: dict[str, Any], name: str, default: float, *, least: float, most: float) -> float:
    value = asked.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}")
    return float(value)


def add(script: Script) -> Fault:
    """Write the script down; it works from the next request on."""
    return Fault.objects.create(
        kind=script.kind,
        remaining=script.count,
        phone=script.phone,
        oa_id=script.oa_id,
        code=script.code,
        seconds=script.seconds,
    )


def listed() -> list[dict[str, Any]]:
    """The faults still to come, oldest first."""
    fields = ("id", "kind", "remaining", "phone", "oa_id", "code", "seconds")
    return [dict(fault) for fault in Fault.objects.filter(remaining__gt=0).order_by("id").values(*fields)]


def clear() -> None:
    """Forget every fault."""
    Fault.objects.all().delete()


def waiting(oa_id: str, phone: str | None = None) -> Fault | None:
    """The fault that a request of this account meets; without a phone only `token_death`, the one for every path."""
    # Every send asks this: the few active faults are read by the plainest query there is and picked over here.
    for fault in sorted(Fault.objects.filter(remaining__gt=0), key=lambda fault: fault.id):
        meets_phone = fault.kind == "token_death" if phone is None else fault.phone in ("", phone)
        if fault.oa_id in ("", oa_id) and meets_phone:
            return fault
    return None


def consume(fault: Fault) -> bool:
    """Take one use of it. False if another request took the last one."""
    return Fault.objects.filter(id=fault.id, remaining__gt=0).update(remaining=F("remaining") - 1) == 1
