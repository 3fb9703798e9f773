"""How much memory a worker needs: a real one, started as in production, that sends everything that is due."""

from __future__ import annotations

import subprocess
import sys
import time

from django.conf import settings

from campaigns.models import Message
from campaigns.states import MessageState
from cdp.bench import cpu
from cdp.bench.clinic import make_clinic, make_due
from cdp.bench.measure import Line, at_most, figure
from cdp.celery import app
from integrations import clock

LIMIT_MIB = 250
PATIENCE_S = 900
BEAT_S = 2
# Tag 1 may leave at any hour, and a worker lives by the real clock.
TRANSACTION = 1
_WORKER = "-m celery -q -A cdp worker -l ERROR --pool threads --concurrency 2"
_QUIET = "--without-gossip --without-mingle --without-heartbeat"


def measure(rows: int, runs: int) -> None:
    """One run, whatever `runs` says: a peak does not need a median."""
    make_due(make_clinic(tag=TRANSACTION), rows, at=clock.now())
    figure(lambda: _peak(rows))


def _peak(rows: int) -> Line:
    command = [sys.executable, "-W", "ignore", *_WORKER.split(), *_QUIET.split()]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL) as worker:  # noqa: S603
        try:
            _ring_until_sent(rows, worker)
            peak = cpu.peak_rss_mib(worker.pid)
        finally:
            worker.terminate()
    if peak is None:
        return {"bench": "memory", "skipped": "this system does not tell a process's peak memory"}
    return at_most("memory", peak / LIMIT_MIB, 1.0) | {
        "peak_mib": round(peak, 1),
        "limit_mib": LIMIT_MIB,
        "n": rows,
        "runs": 1,
    }


def _ring_until_sent(rows: int, worker: subprocess.Popen[bytes]) -> None:
    """Ring the worker's bell as beat does, until nothing is left to send."""
    deadline = time.monotonic() + PATIENCE_S
    while Message.objects.filter(state=MessageState.SENT).count() < rows:
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the worker did not send everything")
        app.send_task("campaigns.tasks.tick")
        time.sleep(BEAT_S)
