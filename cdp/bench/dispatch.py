"""Due messages through the engine: sent, guarded and recorded, against asking the same target and remembering nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.dispatch import dispatch
from campaigns.models import Message
from campaigns.states import MessageState
from campaigns.tick import run_tick
from cdp.bench.clinic import Clinic, StillClock, make_clinic, make_due
from cdp.bench.measure import Line, alternate, at_most, figure, per_second
from integrations.base import OutgoingMessage
from integrations.http import Reply, fan_out
from integrations.zalo import api

BUDGET_S = 3_600
WARM_UP = 200


def measure(rows: int, runs: int) -> None:
    """The engine's rate; then how often it asks the database for one message."""
    clinic = make_clinic()
    send_due(clinic, WARM_UP)
    figure(lambda: _against_bare_sends(clinic, rows, runs))
    figure(lambda: _round_trips(clinic, rows))


def send_due(clinic: Clinic, count: int) -> float:
    """Make `count` messages due, then: how many a second one tick of the engine sends."""
    make_due(clinic, count)
    return per_second(count, lambda: tick(count))


def tick(count: int) -> None:
    """One whole tick, which must find and send `count` messages."""
    before = _sent()
    run_tick(clock=StillClock(), budget_s=BUDGET_S)
    if _sent() - before != count:
        raise RuntimeError(f"{_sent() - before} instead of {count} messages were sent")


def _sent() -> int:
    return Message.objects.filter(state=MessageState.SENT).count()


def _against_bare_sends(clinic: Clinic, rows: int, runs: int) -> Line:
    rates = alternate(lambda: send_due(clinic, rows), lambda: _bare(rows), runs=runs)
    return rates.line("dispatch", target=0.35, n=rows) | {"concurrency": settings.SEND_CONCURRENCY}


def _bare(count: int) -> float:
    """The same calls by the same threads over the same session: no database, no guard, nothing remembered."""
    params = {"customer_name": "Nguyễn Thị Hoa", "customer_id": "KH000001", "shop_name": "Quận 1"}
    outgoing = [OutgoingMessage(f"bare-{number}", "84912345678", "7001", params) for number in range(count)]

    def work() -> None:
        key = api.Credentials("t")
        replies = fan_out(lambda message: api.send_template(key, message), outgoing)
        if not all(isinstance(reply, Reply) and reply.status == 200 for reply in replies):
            raise RuntimeError("the target did not answer")

    return per_second(count, work)


def _round_trips(clinic: Clinic, rows: int) -> Line:
    """Questions to the database for one message, BEGIN and COMMIT among them; and with the tick's other duties, idle here."""
    trips = _questions(clinic, rows, lambda: _dispatch_all(clinic))
    whole = _questions(clinic, rows, lambda: tick(rows))
    told = {"whole_tick": round(whole, 4), "n": rows, "runs": 1, "batch": settings.DISPATCH_BATCH}
    return at_most("round_trips", trips, 0.2) | told


def _questions(clinic: Clinic, rows: int, work: Callable[[], None]) -> float:
    make_due(clinic, rows)
    with CaptureQueriesContext(connection) as questions:
        work()
    return len(questions) / rows


def _dispatch_all(clinic: Clinic) -> None:
    while dispatch(account=clinic.account, clock=StillClock(), limit=settings.DISPATCH_BATCH):
        pass
