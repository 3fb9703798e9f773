"""Every misfortune of the matrix: all that the sandbox can script, and what may happen on our own side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import time, timedelta

import pytest
from django.db import OperationalError

from campaigns import activation, dispatch, guard, recheck, settle
from campaigns.models import Message
from campaigns.tick import run_tick
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import at, local
from integrations.zalo import api
from sandbox import http as their_http
from sandbox.models import Template
from sandbox.zalo import faults
from tests.simulation.matrix import Killed, Misfortune
from tests.simulation.small_clinic import Clinic, Hop, patience

WAYS = ("phone", "hash", "uid", "chat")
SENDS = (*WAYS, "sms")
READS = ("poll", "read", "sync")
# After these the new pair is Zalo's alone: it was minted and never came here.
_SPOILT_PAIR = frozenset(faults.ANSWERING) - {"other_types"} | {"token_lost_answer"}

# What Zalo may say to a send, by what it means; the codes of each host, and eSMS's with a minus.
_BUSINESS = {
    "passing": -100,
    "unknown code": -98765,
    "busy": -32,
    "token": -124,
    "recipient": -118,
    "person": -141,
    "template": -1121,
    "tag": -145,
    "night": -133,
    "day full": -144,
    "month full": -1441,
    "template day full": -147,
    "user month full": -1471,
    "user day full": -1472,
    "money": -115,
    "account": -120,
}
_OPENAPI = _BUSINESS | {
    "passing": -200,
    "token": -216,
    "recipient": -249,
    "person": -244,
    "template": -210,
    "night": -234,
    "day full": -211,
    "user day full": -218,
    "money": -321,
    "account": -221,
}
_SMS = {"passing": -502, "recipient": -108, "template": -146, "money": -103, "account": -104}
# A hashed send is answered from the table of a plain one.
_CODES = {"phone": _BUSINESS, "uid": _OPENAPI, "chat": _OPENAPI, "sms": _SMS}
_BLOCKS = ("money", "account")


def at_hop(hop: str) -> Iterator[Misfortune]:
    """All that can befall this hop."""
    if hop in (*SENDS, *READS, "token"):
        yield from (_scripted(kind, hop) for kind in (*faults.REFUSING, *faults.ANSWERING) if _fits(kind, hop))
    if hop in _CODES:
        yield from (_refused(name, code) for name, code in _CODES[hop].items())
    if hop in READS:
        yield from (_refused(name, _BUSINESS[name], blocks=False) for name in ("passing", "busy", "token"))
    if hop in WAYS:
        yield from (_scripted(kind, hop) for kind in faults.ARRIVING)
    if hop == "token":
        yield from (_scripted(kind, hop) for kind in faults.MINTING)
        yield from (_refused(name, code) for name, code in (("grant refused", -14014), ("unknown code", -98765)))
    if hop == "event":
        yield from (_scripted(kind, hop) for kind in faults.TELLING)
    if hop == "phone":
        yield from OURS


def some_at_hop(hop: str, hops: Sequence[str]) -> list[Misfortune]:
    """Those that the suite lives at this hop: each befalls at one hop of those it fits, in turns."""
    fits: dict[str, list[str]] = {}
    for each in hops:
        for misfortune in at_hop(each):
            fits.setdefault(misfortune.name, []).append(each)
    place = {name: at[number % len(at)] for number, (name, at) in enumerate(fits.items())}
    return [misfortune for misfortune in at_hop(hop) if place[misfortune.name] == hop]


def _fits(kind: str, hop: str) -> bool:
    """Errors have rows of their own; only a call that shows a token can find it dead."""
    return kind != "error" and not (kind == "token_death" and hop in ("token", "sms"))


def _scripted(kind: str, hop: str) -> Misfortune:
    def befall(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
        seconds = 3 * 3600 if kind.endswith("_late") else 30
        _script(hop, kind=kind, count=1 if hop.name == "token" else 3, seconds=seconds)

    return Misfortune(kind, befall, blocks=hop == "token" and kind in _SPOILT_PAIR)


def _script(hop: Hop, **asked: object) -> None:
    for path in hop.paths:
        faults.add(faults.parse({**asked, "path": path}))


def _refused(name: str, code: int, *, blocks: bool | None = None) -> Misfortune:
    def befall(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
        _script(hop, kind="error", code=code, count=3)

    stops = name in (*_BLOCKS, "grant refused") if blocks is None else blocks
    return Misfortune(f"error: {name}", befall, blocks=stops, codes=(code,))


# --- our own side -------------------------------------------------------------


def _before_send(ours: pytest.MonkeyPatch, number: int, happens: Callable[[], object], *, after: bool = False) -> None:
    """Let it happen once, just before (or after) Zalo is asked for the `number`-th time to send."""
    really, asked = api.send_template, []

    def send(*args: object, **more: object) -> object:
        asked.append(1)
        if len(asked) == number and not after:
            happens()
        outcome = really(*args, **more)  # type: ignore[arg-type]
        if len(asked) == number and after:
            happens()
        return outcome

    ours.setattr(api, "send_template", send)


def _once(ours: pytest.MonkeyPatch, module: object, name: str, error: BaseException, *, times: int = 1) -> None:
    """Let a function fail the first `times` it is called."""
    really = getattr(module, name)
    failed: list[int] = []

    def fails(*args: object, **more: object) -> object:
        if len(failed) < times:
            failed.append(1)
            raise error
        return really(*args, **more)

    ours.setattr(module, name, fails)


def _killed_unsent(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    _once(ours, dispatch, "_send_chunk", Killed())


def _killed_amid(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    def dies() -> None:
        raise Killed

    _before_send(ours, 6, dies)


def _killed_answered(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    _once(ours, dispatch, "settle", Killed())


def _database_once(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    _once(ours, settle, "_respect", OperationalError("the database went away"))


def _database_long(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    _once(ours, settle, "_write", OperationalError("the database went away"), times=4)


def _database_at_claim(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    _once(ours, guard, "reserve", OperationalError("the database went away"))


def _two_workers(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    """Another worker's whole turn, while this one waits for Zalo's answer."""
    _before_send(ours, 3, lambda: run_tick(clock=clinic.clock, budget_s=60))


def _slow_worker(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    """This one sleeps past its lease with Zalo's answer in hand; another takes over, and then it wakes."""

    def sleeps() -> None:
        clinic.clock.advance(minutes=5)
        run_tick(clock=clinic.clock, budget_s=60)

    _before_send(ours, 3, sleeps, after=True)


def _webhook_down(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    """Our webhook answers 500 for an hour: Zalo tries again for two."""
    really, up_at = their_http.post, clinic.clock.now() + timedelta(hours=1)

    def post(url: str, **what: object) -> bool:
        return clinic.clock.now() >= up_at and really(url, **what)  # type: ignore[arg-type]

    ours.setattr(their_http, "post", post)


def _midnight(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    """Transaction messages, which leave at night too: claimed when the day is just long enough, but Zalo is slow.

    Whatever of the batch still left after its first chunk would arrive tomorrow, on a place of today's.
    """
    for model in (MessageTemplate, Template, Message):
        model._default_manager.update(tag=1)
    tomorrow = local(clinic.clock.now()).date() + timedelta(days=1)
    clinic.clock.moment = at(tomorrow, time(0)) - recheck.slowest_chunk() - timedelta(seconds=1)
    really = api.send_template

    def send(*args: object, **more: object) -> object:
        clinic.clock.advance(seconds=patience())
        return really(*args, **more)  # type: ignore[arg-type]

    ours.setattr(api, "send_template", send)


def _stopped(clinic: Clinic, ours: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """It happens while the second of three chunks is on its way: the third may not leave any more."""
    really = api.send_template

    def send(*args: object, **more: object) -> object:
        clinic.asked += 1
        if clinic.asked == recheck.CHUNK_PER_THREAD + 1:
            happens()
        return really(*args, **more)  # type: ignore[arg-type]

    ours.setattr(api, "send_template", send)


def _paused(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    _stopped(clinic, ours, lambda: activation.pause(campaign=clinic.campaign, actor=None, now=clinic.clock.now()))


def _blocked(clinic: Clinic, hop: Hop, ours: pytest.MonkeyPatch) -> None:
    _stopped(clinic, ours, lambda: OfficialAccount.objects.update(blocked_reason="account_blocked"))


OURS = (
    Misfortune("killed: claimed, not sent", _killed_unsent),
    Misfortune("killed: amid a chunk", _killed_amid),
    Misfortune("killed: answered, not settled", _killed_answered),
    Misfortune("database: once at settle", _database_once),
    Misfortune("database: long at settle", _database_long),
    Misfortune("database: at claim", _database_at_claim),
    Misfortune("two workers", _two_workers),
    Misfortune("a worker past its lease", _slow_worker),
    Misfortune("webhook down for an hour", _webhook_down),
    Misfortune("midnight amid the batch", _midnight),
    Misfortune("paused amid the batch", _paused, blocks=True),
    Misfortune("blocked amid the batch", _blocked, blocks=True),
)
