"""The engine against one Celery task a message: the same messages, database, target, session and number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from redis import Redis
from redis.exceptions import RedisError

from campaigns.models import Message
from campaigns.states import MessageState
from cdp.bench.clinic import Clinic, make_clinic, make_due
from cdp.bench.dispatch import WARM_UP, send_due
from cdp.bench.measure import Line, alternate, figure
from cdp.bench.plain_celery import BROKER, QUEUE
from cdp.bench.plain_task import send
from integrations.http import Reply, call

TARGET = 2.0
PATIENCE_S = 120
_WORKER = "-m celery -q -A cdp.bench.plain_celery worker -l WARNING --pool threads"
_QUIET = "--without-gossip --without-mingle --without-heartbeat"


def measure(rows: int, runs: int) -> None:
    """Needs a Redis that answers; says so where there is none."""
    url = os.environ[BROKER]
    try:
        redis: Redis = Redis.from_url(url, socket_connect_timeout=0.5)
        redis.ping()
    except RedisError:
        figure(lambda: {"bench": "celery", "skipped": f"no Redis answers at {url}"})
        return
    clinic = make_clinic()
    send_due(clinic, WARM_UP)
    try:
        figure(lambda: _against_tasks(clinic, rows, runs))
    finally:
        for key in redis.scan_iter(match=f"*{os.environ[QUEUE]}*"):
            redis.delete(key)


def _against_tasks(clinic: Clinic, rows: int, runs: int) -> Line:
    rates = alternate(lambda: send_due(clinic, rows), lambda: _tasks(clinic, rows), runs=runs)
    return rates.line("celery", target=TARGET, n=rows) | {"concurrency": settings.SEND_CONCURRENCY}


def _tasks(clinic: Clinic, rows: int) -> float:
    """Tasks a second as the target saw them. The queue is filled first: publishing and the worker's start cost nothing."""
    make_due(clinic, rows)
    for message in _waiting().select_related("template"):
        send.delay(message.pk, message.tracking_id, message.phone, message.template.template_id, message.params)
    _tally()
    with _worker():
        deadline = time.monotonic() + PATIENCE_S
        while _waiting().exists():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{_waiting().count()} of {rows} tasks did not send and record their message")
            time.sleep(0.2)
    told = _tally()
    return (int(told["count"]) - 1) / max(float(told["seconds"]), 1e-6)


def _waiting() -> QuerySet[Message]:
    return Message.objects.filter(state=MessageState.SCHEDULED)


def _tally() -> dict[str, Any]:
    reply = call("GET", settings.ZALO_BUSINESS_BASE, headers={})
    if not isinstance(reply, Reply) or reply.body is None:
        raise RuntimeError("the target does not answer")
    return reply.body


@contextmanager
def _worker() -> Iterator[None]:
    threads = ["--concurrency", str(settings.SEND_CONCURRENCY)]
    command = [sys.executable, "-W", "ignore", *_WORKER.split(), *threads, *_QUIET.split()]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL) as worker:  # noqa: S603
        try:
            yield
        finally:
            worker.terminate()
