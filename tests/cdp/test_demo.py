"""The one command: it refuses politely, starts everything, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp import loopback
from cdp.management.commands import demo
from tests.architecture.project import ROOT
from tests.cdp.processes import alive, descendants_of, wait_for


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((loopback.HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((loopback.HOST, 0)) as server:
        yield server.getsockname()[1]


def command(home: Path, *arguments: object, log: Path) -> subprocess.Popen[bytes]:
    ours = {"CDP_HOME": str(home), "PATH": os.environ["PATH"], "LOG_LEVEL": "ERROR"}
    line = [sys.executable, "manage.py", "demo", "--no-seed", *map(str, arguments)]
    with log.open("w") as out:
        return subprocess.Popen(line, cwd=ROOT, env=ours, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)


def test_a_taken_port_is_named_and_another_one_suggested(tmp_path, taken_port):
    process = command(tmp_path, "--port", taken_port, log=tmp_path / "log")
    assert process.wait(30) == 2
    said = (tmp_path / "log").read_text()
    assert f"port {taken_port} is taken" in said
    assert "PORT=" in said
    assert "Traceback" not in said


def test_a_port_is_free_until_someone_listens(free_port, taken_port):
    assert loopback.is_free(free_port)
    assert not loopback.is_free(taken_port)
    assert not loopback.is_free(taken_port, patience_s=0.2)
    assert not loopback.answers(free_port, "/")


def test_every_process_finds_the_sandbox_and_its_address(settings, tmp_path):
    settings.CDP_HOME = tmp_path
    found = demo.environment(8123)
    assert found["PUBLIC_URL"] == "http://localhost:8123"
    assert (found["CDP_SANDBOX"], found["PORT"], found["CDP_HOME"]) == ("1", "8123", str(tmp_path))


def test_info_asks_the_port_of_the_demo_that_runs(settings, tmp_path, monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    settings.CDP_HOME = tmp_path
    assert demo.Command().chosen_port(info=True) == 8000
    demo.Command.note().write_text('{"port": 8123}')
    assert demo.Command().chosen_port(info=True) == 8123
    assert demo.Command().chosen_port(info=False) == 8000
    monkeypatch.setenv("PORT", "9000")
    assert demo.Command().chosen_port(info=True) == 9000


@pytest.mark.e2e
def test_it_starts_answers_and_leaves_nothing_behind(tmp_path, free_port):
    """Started by hand, without its environment: it starts itself again with it."""
    log = tmp_path / "log"
    process = command(tmp_path / "home", "--port", free_port, log=log)
    try:
        wait_for(lambda: "Sẵn sàng: http://localhost:" in log.read_text(), timeout=60)
        family = descendants_of(process.pid)
        second = command(tmp_path / "home", "--port", free_port + 1, log=tmp_path / "second")
        assert second.wait(30) == 2
        assert "Đã có một bản demo" in (tmp_path / "second").read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert len(family) >= 4
    wait_for(lambda: not any(alive(pid) for pid in family))
