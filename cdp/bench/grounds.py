"""Where a figure is measured: a home, a database and a target of its own, gone when it is done."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection

from cdp.bench.measure import ROOT_PID
from cdp.bench.plain_celery import BROKER, QUEUE

Environment = dict[str, str]
CONCURRENCY = 32
GUARD_BATCH = 500
EMBEDDED_BROKER = "safefs://localhost/"


@contextmanager
def grounds(figure: str, *, latency_ms: float, redis: str) -> Iterator[Environment]:
    """The environment of a process that measures `figure`. Whatever the user has set, it never meets the user's data."""
    with (
        tempfile.TemporaryDirectory(prefix="cdp-bench-") as home,
        _database(Path(home)) as url,
        _target(latency_ms) as zalo,
    ):
        batch = {"DISPATCH_BATCH": str(GUARD_BATCH)} if figure == "guard" else {}
        # Set rather than left out: what is missing here would be read from `.env`, and that is the user's.
        yield {
            **os.environ,
            ROOT_PID: str(os.getpid()),
            BROKER: redis if figure == "celery" else EMBEDDED_BROKER,
            QUEUE: f"cdp-bench-{os.getpid()}",
            "DJANGO_SETTINGS_MODULE": "cdp.settings",
            "CDP_HOME": home,
            "SECRET_KEY": token_urlsafe(),
            "CDP_FIELD_KEYS": Fernet.generate_key().decode(),
            "CDP_SANDBOX": "0",
            "DEBUG": "0",
            "ALLOWED_HOSTS": "testserver",
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": url,
            "SANDBOX_DATABASE_URL": f"sqlite:///{home}/sandbox.sqlite3",
            "ZALO_BUSINESS_BASE": zalo,
            "ZALO_OAUTH_BASE": zalo,
            "ZALO_OPENAPI_BASE": zalo,
            "SEND_CONCURRENCY": str(CONCURRENCY),
            **batch,
        }


@contextmanager
def _database(home: Path) -> Iterator[str]:
    """The URL of a new database: a file in `home`, or one on the server that DATABASE_URL names, dropped at the end."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{home}/bench.sqlite3"
        return
    name = f"cdp_bench_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        with connection._nodb_cursor() as cursor:
            # FORCE: a figure that failed may have left a connection behind.
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _target(latency_ms: float) -> Iterator[str]:
    """The address of a running target."""
    command = [sys.executable, "-m", "cdp.bench.target", str(latency_ms)]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as target:  # noqa: S603
        try:
            port = (target.stdout.readline() if target.stdout else "").strip()
            if not port:
                raise RuntimeError("the target did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            target.terminate()
