"""How much of sending the quota guard takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from statistics import median
from typing import Any
from unittest.mock import patch

from django.conf import settings

from campaigns import guard
from campaigns.models import FrequencyCap, Message
from campaigns.states import MessageState
from cdp.bench.clinic import MORNING, Clinic, make_clinic, make_due
from cdp.bench.dispatch import WARM_UP, send_due, tick
from cdp.bench.measure import Line, at_most, figure
from integrations.base import Tag
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
    """Shares of the tick's whole time, calls to Zalo included; also without them, which is the harder question.

    Of care, where a batch has one window; and of promotion, where each patient has windows of their own.
    """
    care = make_clinic()
    send_due(care, WARM_UP)
    figure(lambda: _share("guard", lambda: make_due(care, rows), rows, runs))
    promotion = make_clinic(tag=Tag.PROMOTION)
    for period, limit in (("day", 2), ("week", 3), ("month", 4)):
        FrequencyCap.objects.create(workspace=promotion.workspace, tag=Tag.PROMOTION, period=period, limit=limit)
    # In its first month an account may send so many, however many runs they are spread over.
    fewer = min(rows, 8_000 // runs)
    figure(lambda: _share("guard_promotion", lambda: _make_promotion_due(promotion, fewer), fewer, runs))


def _make_promotion_due(clinic: Clinic, count: int) -> None:
    """`count` promotions that are due, each to a patient whom a care message reached three weeks ago."""
    make_due(clinic, count)
    due = Message.objects.filter(account=clinic.account, state=MessageState.SCHEDULED)
    Message.objects.bulk_create(_had_care(message) for message in due)


def _had_care(message: Message) -> Message:
    message.pk, message.tag, message.state = None, Tag.CUSTOMER_CARE, MessageState.DELIVERED
    message.delivered_at = MORNING - timedelta(weeks=3)
    message.dedupe_key, message.tracking_id = f"care:{message.dedupe_key}", f"c{message.tracking_id}"[:48]
    return message


def _share(name: str, prepare: Callable[[], None], rows: int, runs: int) -> Line:
    shares = [_one_run(prepare, rows) for _ in range(runs)]
    whole, ours = (median(column) for column in zip(*shares, strict=True))
    told = {"without_http": round(ours, 4), "n": rows, "runs": runs, "batch": settings.DISPATCH_BATCH}
    return at_most(name, whole, 0.25) | told


def _one_run(prepare: Callable[[], None], rows: int) -> tuple[float, float]:
    """The guard's share of the tick, and of what the tick does besides asking Zalo."""
    prepare()
    whole, guarding, asking = Stopwatch(), Stopwatch(), Stopwatch()
    with ExitStack() as watches:
        for owner, name, watch in (
            (guard, "reserve", guarding),
            (guard, "learn", guarding),
            (ZnsChannel, "send_many", asking),
        ):
            watches.enter_context(patch.object(owner, name, watch.watched(getattr(owner, name))))
        whole.watched(tick)(rows)
    return guarding.seconds / whole.seconds, guarding.seconds / (whole.seconds - asking.seconds)
