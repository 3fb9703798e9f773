"""The demo as a newcomer starts it, in a home and on a port of its own, and the hands to drive it over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
VISIT = {
    "Mã khách hàng": "KH900",
    "Họ và tên": "Nguyễn Thị Hoa",
    "Số điện thoại": "0912345678",
    "Dịch vụ": "Nhổ răng",
    "Ngày khám": "20/11/2026",
    "Trạng thái": "Đã hoàn thành",
}


def free_port() -> int:
    """A port nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(question: Callable[[], Any], what: str, *, within_s: float = 30) -> Any:
    """The first true answer; AssertionError with `what` when there is none in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"after {within_s} s still not: {what}")


@dataclass
class Demo:
    """A demo that runs, or its home while it does not."""

    home: Path
    port: int
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """The same address as the demo prints."""
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """A newcomer's environment: none of the suite's own settings."""
        inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        ours = {"CDP_HOME": str(self.home), "PORT": str(self.port), "CDP_SANDBOX": "1", "PUBLIC_URL": self.url}
        return {**inherited, **ours, **self.settings}

    def manage(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`manage.py …` in its own process group, its words kept in the home's log."""
        return self.start([sys.executable, "manage.py", *arguments])

    def start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Any program of the demo."""
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def info(self) -> dict[str, Any]:
        """What `manage.py demo --info` prints."""
        out = subprocess.check_output([sys.executable, "manage.py", "demo", "--info"], cwd=ROOT, env=self.env)
        facts: dict[str, Any] = json.loads(out)
        return facts

    def answers(self) -> bool:
        """Whether the web is up."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code in (200, 503)
        except (requests.ConnectionError, requests.Timeout):
            return False

    def post_rows(self, source: dict[str, str], rows: Sequence[dict[str, Any]], batch_id: str) -> dict[str, Any]:
        """One signed call of the sheet webhook."""
        body = json.dumps({"batch_id": batch_id, "rows": rows}, ensure_ascii=False).encode()
        timestamp = str(int(time.time()))
        digest = hmac.new(source["secret"].encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-CDP-Timestamp": timestamp, "X-CDP-Signature": f"sha256={digest}"}
        answer = requests.post(source["url"], data=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def move_clock(self, **how: Any) -> None:
        """`advance_s=7200`, or `to="09:00"`."""
        assert requests.post(f"{self.url}/sandbox/clock", json=how, timeout=10).status_code == 200

    def inbox(self, **query: Any) -> list[dict[str, Any]]:
        """What the patients' phones received."""
        found: list[dict[str, Any]] = requests.get(
            f"{self.url}/sandbox/zalo/inbox.json", params=query, timeout=30
        ).json()
        return found

    def count(self, sql: str) -> dict[str, int]:
        """A grouped count, read straight from the database file."""
        return dict(self._rows("cdp.sqlite3", sql))

    def arrived(self) -> int:
        """How many messages Zalo has taken: cheap enough to ask ten times a second, which the inbox's JSON is not."""
        [(count,)] = self._rows("sandbox.sqlite3", "SELECT count(*) FROM sandbox_message")
        return int(count)

    def _rows(self, file: str, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.home / file}?mode=ro", uri=True, timeout=20)) as database:
            return database.execute(sql).fetchall()

    def log(self) -> str:
        """Everything the processes said."""
        return (self.home / "log").read_text(errors="replace")


def stop(process: subprocess.Popen[bytes], *, within_s: float = 20) -> int:
    """Ctrl-C, and the exit code. Only ever a process this suite started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    return process.wait(within_s)


@contextmanager
def running(home: Path, *arguments: str, **settings: str) -> Iterator[Demo]:
    """A demo from its first line to Ctrl-C."""
    demo = Demo(home, free_port(), settings)
    process = demo.manage("demo", "--port", str(demo.port), *arguments)
    try:
        wait_for(demo.answers, "the web answers", within_s=60)
        yield demo
    except BaseException:
        sys.stderr.write(demo.log()[-4000:])
        raise
    finally:
        code = stop(process)
    assert code == 0, demo.log()[-2000:]
