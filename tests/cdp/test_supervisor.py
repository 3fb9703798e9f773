"""The process group: what dies is started again, what is stopped stops in order, and nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cdp.supervisor import back_off
from tests.cdp.processes import alive, children_of, wait_for

IDLE = "import time\nwhile True: time.sleep(0.05)"
SAYS_BYE = """
import signal, sys, time
def bye(*_):
    print("bye", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, bye)
print("up", flush=True)
while True: time.sleep(0.05)
"""
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(60)"
WITH_A_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {IDLE!r}])"

MAIN = """
import json, os, sys
from cdp import supervisor
supervisor.STOP_CAP_S = float(sys.argv[2])
programs = [supervisor.Program(name, [sys.executable, "-c", code]) for name, code in json.loads(sys.argv[1]).items()]
say = lambda line: print(line, flush=True)
boss = supervisor.Supervisor(programs, env=dict(os.environ), say=say, stop_order=["sandbox", "beat", "web"])
boss.run(on_beat=lambda: None)
print("stopped", flush=True)
"""


class Run:
    """A supervisor in a process of its own, and what can be seen of it from outside."""

    def __init__(self, programs: dict[str, str], log: Path, cap: float) -> None:
        self.log = log
        with log.open("w") as out:
            command = [sys.executable, "-c", MAIN, json.dumps(programs), str(cap)]
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        self.seen: set[int] = set()

    def children(self) -> list[int]:
        found = children_of(self.process.pid)
        self.seen |= set(found)
        return found

    def until(self, text: str, count: int = 1) -> None:
        wait_for(lambda: self.log.read_text().count(text) >= count)

    def until_gone(self, pids: set[int]) -> None:
        wait_for(lambda: not any(alive(pid) for pid in pids))


@pytest.fixture
def start(tmp_path):
    runs: list[Run] = []

    def _start(cap: float = 15, **programs: str) -> Run:
        runs.append(Run(programs, tmp_path / "log", cap))
        wait_for(lambda: len(runs[-1].children()) == len(programs))
        return runs[-1]

    yield _start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()
        for pid in run.seen:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def test_it_starts_again_what_was_killed(start):
    run = start(web=SAYS_BYE, worker=IDLE)
    run.until("web     | up")
    first = set(run.children())
    os.kill(min(first), signal.SIGKILL)
    run.until("web     | up", count=2)
    assert "exited with -9; starts again in 0.2 s" in run.log.read_text()
    assert len(run.children()) == 2
    assert set(run.children()) != first


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_everything_in_order(start, how):
    run = start(web=SAYS_BYE, worker=SAYS_BYE, beat=SAYS_BYE, sandbox=SAYS_BYE)
    run.until("| up", count=4)
    run.process.send_signal(how)
    assert run.process.wait(10) == 0
    byes = [line.split("|")[0].strip() for line in run.log.read_text().splitlines() if line.endswith("bye")]
    assert byes == ["sandbox", "beat", "web", "worker"]
    run.until_gone(run.seen)


def test_it_kills_what_does_not_stop_within_the_cap(start):
    run = start(cap=0.5, web=STUBBORN)
    run.until("| up")
    run.process.terminate()
    assert run.process.wait(5) == 0
    run.until_gone(run.seen)


def test_nothing_outlives_a_killed_supervisor(start):
    run = start(web=IDLE, worker=SAYS_BYE)
    run.until("worker  | up")
    run.process.kill()
    run.process.wait()
    run.until_gone(run.seen)


def test_a_grandchild_is_cleared_away_before_its_parent_is_started_again(start):
    run = start(web=WITH_A_CHILD)
    (parent,) = run.children()
    (grandchild,) = wait_for(lambda: children_of(parent))
    os.kill(parent, signal.SIGKILL)
    run.until("starts again")
    run.until_gone({grandchild})


def test_back_off_grows_to_half_a_minute():
    assert [back_off(failures) for failures in range(1, 9)] == [0.2, 2, 4, 8, 16, 30, 30, 30]
