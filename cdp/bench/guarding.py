"""How much of sending the quota guard takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any
from unittest.mock import patch

from django.conf import settings

from campaigns import guard
from cdp.bench.clinic import Clinic, make_clinic, make_due
from cdp.bench.dispatch import WARM_UP, send_due, tick
from cdp.bench.measure import Line, at_most, figure
from integrations.zalo.channel import ZnsChannel


class Stopwatch:
    """Adds up the time spent inside the functions it watches."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        def timed(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


def measure(rows: int, runs: int) -> None:
    """Shares of the tick's whole time, calls to Zalo included; also without them, which is the harder question."""
    clinic = make_clinic()
    send_due(clinic, WARM_UP)
    figure(lambda: _share(clinic, rows, runs))


def _share(clinic: Clinic, rows: int, runs: int) -> Line:
    shares = [_one_run(clinic, rows) for _ in range(runs)]
    whole, ours = (median(column) for column in zip(*shares, strict=True))
    told = {"without_http": round(ours, 4), "n": rows, "runs": runs, "batch": settings.DISPATCH_BATCH}
    return at_most("guard", whole, 0.25) | told


def _one_run(clinic: Clinic, rows: int) -> tuple[float, float]:
    """The guard's share of the tick, and of what the tick does besides asking Zalo."""
    make_due(clinic, rows)
    whole, guarding, asking = Stopwatch(), Stopwatch(), Stopwatch()
    with ExitStack() as watches:
        for owner, name, watch in (
            (guard, "reserve", guarding),
            (guard, "release", guarding),
            (ZnsChannel, "send_many", asking),
        ):
            watches.enter_context(patch.object(owner, name, watch.watched(getattr(owner, name))))
        whole.watched(tick)(rows)
    return guarding.seconds / whole.seconds, guarding.seconds / (whole.seconds - asking.seconds)
