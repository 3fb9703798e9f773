"""Scripted misfortune: what the network and Zalo do to a client on a bad day, on demand and counted.

A call meets at most one fault, the oldest that fits its account, its phone and its address.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import F

from sandbox.models import Fault
from sandbox.zalo import phones

# The address at which tokens are minted: the one call that carries no access token.
MINT = "/v4/oa/access_token"

# kind → what happens. The first group refuses the call; in the others Zalo has done what was asked.
REFUSING = {
    "error": "answers with the error `code`; nothing is accepted",
    "http_429": "HTTP 429 with Retry-After; nothing is accepted",
    "http_500": "HTTP 500; nothing is accepted",
    "http_503": "HTTP 503 and a page for people; nothing is accepted",
    "reset": "the connection is cut; nothing is accepted",
    "hang": "no answer for `seconds` (30 if not given), then HTTP 504; nothing is accepted",
    "token_death": "the current access token dies and the request gets -124; a refresh token still works",
}
ANSWERING = {
    "timeout_after_accept": "accepted, then no answer for `seconds` (30 if not given)",
    "lost_answer": "accepted, then an empty HTTP 500",
    "reset_after_accept": "accepted, then the connection is cut",
    "truncated_json": "accepted, but the answer breaks off in the middle",
    "html_answer": "accepted, but a page for people comes back, with HTTP 200",
    "other_types": "accepted; in the answer's data numbers are strings and strings of digits numbers",
}
ARRIVING = {
    "undelivered": "accepted, never arrives on the phone, so no receipt",
    "receipt_missing": "arrives, but its receipt is never posted",
    "receipt_duplicate": "its receipt is posted twice",
    "receipt_late": "its receipt is posted `seconds` late (3600 if not given)",
}
MINTING = {
    "token_lost_answer": "a new pair is minted and the old one dead, but the answer is an empty HTTP 500",
    "token_empty_answer": "HTTP 200 with empty tokens; nothing is minted, the old pair lives on",
    "token_no_refresh": "a new access token without a refresh token; the old refresh token stays good",
}
TELLING = {
    "event_missing": "an event other than a receipt is never posted",
    "event_duplicate": "an event other than a receipt is posted twice",
    "event_late": "an event other than a receipt is posted `seconds` late (3600 if not given)",
}
KINDS = REFUSING | ANSWERING | ARRIVING | MINTING | TELLING
_SECONDS = {"timeout_after_accept": 30.0, "receipt_late": 3600.0, "event_late": 3600.0}
_LONGEST_S = 30 * 86_400


@dataclass(frozen=True)
class Script:
    """A fault as somebody asked for it, checked."""

    kind: str
    count: int
    phone: str
    path: str
    oa_id: str
    code: int
    seconds: float


def parse(asked: dict[str, Any]) -> Script:
    """The script in {"kind", "count"?, "phone"?, "path"?, "oa_id"?, "code"?, "seconds"?}. ValueError says what is wrong.

    `path` is an address without its host, as "/message/quota"; without one the fault waits for a send, by any way.
    """
    kind = asked.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}")
    phone = phones.mobile(asked["phone"]) if asked.get("phone") else ""
    count = _number(asked, "count", 1, least=1, most=1_000_000)
    seconds = _number(asked, "seconds", _SECONDS.get(kind, 0.0), least=0, most=_LONGEST_S)
    code = _number(asked, "code", -100, least=-99_999, most=-1) if kind == "error" else 0
    path = str(asked.get("path") or "")
    if path and not path.startswith("/"):
        raise ValueError(f"path {path} must start with /")
    return Script(kind, int(count), phone, path, str(asked.get("oa_id") or ""), int(code), seconds)


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
        path=script.path,
        oa_id=script.oa_id,
        code=script.code,
        seconds=script.seconds,
    )


def listed() -> list[dict[str, Any]]:
    """The faults still to come, oldest first."""
    fields = ("id", "kind", "remaining", "phone", "path", "oa_id", "code", "seconds")
    return [dict(fault) for fault in Fault.objects.filter(remaining__gt=0).order_by("id").values(*fields)]


def clear() -> None:
    """Forget every fault."""
    Fault.objects.all().delete()


def waiting(oa_id: str, phone: str | None = None, *, path: str = "") -> Fault | None:
    """The fault that a call of this account meets at `path`. `phone` is of a send, "" if its phone is not known."""
    # Every send asks this: the few active faults are read by the plainest query there is and picked over here.
    for fault in sorted(Fault.objects.filter(remaining__gt=0), key=lambda fault: fault.id):
        if fault.oa_id in ("", oa_id) and _meets(fault, phone, path):
            return fault
    return None


def _meets(fault: Fault, phone: str | None, path: str) -> bool:
    if fault.kind in TELLING:
        return False
    if fault.kind in MINTING:
        return path == MINT
    if fault.path:
        return fault.path == path and fault.phone in ("", phone or "")
    if phone is None:  # a question: only the death of a token strikes everywhere
        return fault.kind == "token_death" and path != MINT
    return fault.phone in ("", phone)


def waiting_event(oa_id: str) -> Fault | None:
    """The fault that the next event of this account meets (`TELLING`)."""
    return Fault.objects.filter(remaining__gt=0, kind__in=TELLING, oa_id__in=("", oa_id)).order_by("id").first()


def consume(fault: Fault) -> bool:
    """Take one use of it. False if another request took the last one."""
    return Fault.objects.filter(id=fault.id, remaining__gt=0).update(remaining=F("remaining") - 1) == 1
