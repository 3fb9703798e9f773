"""SIGKILL for the worker, ten times, in the middle of two thousand due sends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cdp.management.commands.demo import programs
from tests.e2e.demo import VISIT, Demo, free_port, stop, wait_for

pytestmark = pytest.mark.e2e

VISITS, KILLS = 2_000, 10
# Short leases, so that what a killed worker held comes back while the test waits.
SETTINGS = {"LEASE_S": "16", "HTTP_CONNECT_TIMEOUT_S": "1", "HTTP_READ_TIMEOUT_S": "2", "SEND_CONCURRENCY": "8"}
STATES = "SELECT state, count(*) FROM campaigns_message GROUP BY state"


def ask(demo: Demo, *arguments: str) -> None:
    """A command of the demo, to its end."""
    assert demo.manage(*arguments).wait(60) == 0, demo.log()[-2000:]


def type_visits(demo: Demo) -> None:
    """Two thousand completed visits, each of a customer of its own."""
    source = demo.info()["source"]
    for start in range(0, VISITS, 500):
        rows = [
            {
                "row_id": f"row-{number}",
                "row_number": number + 100,
                "request": "Đã gửi",
                "values": VISIT | {"Mã khách hàng": f"K{number}", "Số điện thoại": f"09{10_000_000 + number}"},
            }
            for number in range(start, start + 500)
        ]
        answer = demo.post_rows(source, rows, f"batch-{start}")
        assert all(result["accepted"] for result in answer["results"])


def kill_ten_times(demo: Demo, worker: list[str]) -> None:
    """Let the worker send a little, kill it where it stands, start the next; the last one may finish."""
    for _ in range(KILLS):
        process = demo.start(worker)
        before = demo.arrived()
        wait_for(lambda before=before: demo.arrived() > before + 20, "the worker sends", within_s=40)  # type: ignore[misc]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    last = demo.start(worker)
    wait_for(lambda: not unfinished(demo), "every message reached an end or a doubt", within_s=90)
    stop(last)


def unfinished(demo: Demo) -> int:
    """Messages that may still leave."""
    counts = demo.count(STATES)
    return sum(counts.get(state, 0) for state in ("scheduled", "leased", "sending"))


def test_two_thousand_sends_survive_ten_kills(tmp_path: Path) -> None:
    demo = Demo(tmp_path, free_port(), SETTINGS)
    web, worker, beat, sandbox = (list(program.command) for program in programs(demo.port))
    ask(demo, "migrate")
    ask(demo, "migrate", "--database", "sandbox")
    seed = "from django.conf import settings; from cdp import demo; from integrations import clock; "
    ask(demo, "shell", "-c", seed + "demo.seed(public_url=settings.PUBLIC_URL, ready=True, now=clock.now())")
    others = [demo.start(program) for program in (web, beat, sandbox)]
    try:
        wait_for(demo.answers, "the web answers")
        type_visits(demo)
        demo.move_clock(to="09:00")
        ask(demo, "tick")
        demo.move_clock(advance_s=7_200)
        kill_ten_times(demo, worker)
        ask(demo, "tick")
        check(demo)
    except BaseException:
        sys.stderr.write(demo.log()[-4000:])
        raise
    finally:
        finish(others)


def finish(processes: list[subprocess.Popen[bytes]]) -> None:
    """End what the test started."""
    for process in processes:
        os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        process.wait(20)


def check(demo: Demo) -> None:
    """Received at most once, nothing lost, and every message in exactly one place."""
    received = Counter(message["tracking_id"] for message in demo.inbox(limit=5000))
    assert max(received.values()) == 1, "a patient received a message twice"
    states = demo.count(STATES)
    assert sum(states.values()) == VISITS, states
    in_doubt = states.get("unconfirmed", 0)
    assert set(states) <= {"sent", "delivered", "unconfirmed"}, states
    assert VISITS - in_doubt <= len(received) <= VISITS
    # Two messages a thread are in flight at most when a worker dies.
    assert in_doubt <= KILLS * 2 * 8, states
    [window] = demo.count("SELECT key, used FROM campaigns_quotawindow WHERE rule = 'daily_quota'").items()
    assert window[1] == VISITS, "what is in doubt keeps its place in the quota"
    sys.stdout.write(f"received {len(received)} once, in doubt {in_doubt}, {states}\n")
