"""A Celery application as most projects would write it: one task a message. It is what the engine is compared with."""

from __future__ import annotations

import os

from celery import Celery

# The first is a variable that Celery itself reads, whatever broker an application names.
BROKER, QUEUE = "CELERY_BROKER_URL", "CDP_BENCH_QUEUE"

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")
app = Celery("cdp_bench", broker=os.environ.get(BROKER), include=["cdp.bench.plain_task"], set_as_current=False)
app.conf.task_default_queue = os.environ.get(QUEUE, "cdp_bench")
app.conf.task_ignore_result = True
