"""Scripted misfortune at Google, counted. A call meets at most one, the oldest that fits its kind and its spreadsheet."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from sandbox.google import answers
from sandbox.google.answers import Refusal
from sandbox.models import GoogleFault

REFUSING: dict[str, Refusal] = {
    "http_429": answers.exhausted("Read", "user", retry_after_s=30),
    "http_500": answers.INTERNAL,
    "http_503": answers.UNAVAILABLE,
    "forbidden": answers.FORBIDDEN,
    "gone": answers.NOT_FOUND,
    "token_death": answers.UNAUTHENTICATED,
}
KINDS = {
    "http_429": "HTTP 429 with Retry-After: 30; nothing is done",
    "http_500": "HTTP 500; nothing is done",
    "http_503": "HTTP 503; nothing is done",
    "forbidden": "HTTP 403, as if it were not shared",
    "gone": "HTTP 404, as if it were deleted",
    "token_death": "HTTP 401 once, as if the token had just been revoked",
    "slow": "done, but the answer takes `seconds`",
    "reset": "the connection is cut; nothing is done",
    "lost_answer": "done, then the connection is cut",
    "truncated_json": "done, but the answer breaks off in the middle",
    "html_answer": "done, but a page for people comes back, with HTTP 200",
}
CALLS = ("token", "metadata", "read", "write", "change")


@dataclass(frozen=True)
class Script:
    """A fault as somebody asked for it, checked."""

    kind: str
    count: int
    call: str
    spreadsheet_id: str
    seconds: float


def parse(asked: dict[str, Any]) -> Script:
    """The script in {"kind", "count"?, "call"?, "spreadsheet_id"?, "seconds"?}. ValueError says what is wrong."""
    kind, call = asked.get("kind"), str(asked.get("call") or "")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}")
    if call and call not in CALLS:
        raise ValueError(f"call must be one of: {', '.join(CALLS)}")
    count, seconds = asked.get("count", 1), asked.get("seconds", 0)
    for name, value in (("count", count), ("seconds", seconds)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1_000_000:
            raise ValueError(f"{name} must be a number from 0 to 1000000")
    return Script(str(kind), int(count), call, str(asked.get("spreadsheet_id") or ""), float(seconds))


def add(script: Script) -> GoogleFault:
    """Write the script down; it works from the next request on."""
    return GoogleFault.objects.create(
        kind=script.kind,
        remaining=script.count,
        call=script.call,
        spreadsheet_id=script.spreadsheet_id,
        seconds=script.seconds,
    )


def listed() -> list[dict[str, Any]]:
    """The faults still to come, oldest first."""
    return [dict(fault) for fault in GoogleFault.objects.filter(remaining__gt=0).order_by("id").values()]


def clear() -> None:
    """Forget every fault."""
    GoogleFault.objects.all().delete()


def met(call: str, spreadsheet_id: str) -> GoogleFault | None:
    """The fault that this call meets; one use of it is taken."""
    fits = Q(call=call) if call == "token" else Q(call__in=("", call))
    for fault in GoogleFault.objects.filter(fits, remaining__gt=0, spreadsheet_id__in=("", spreadsheet_id)).order_by(
        "id"
    ):
        if GoogleFault.objects.filter(pk=fault.pk, remaining__gt=0).update(remaining=F("remaining") - 1):
            return fault
    return None
