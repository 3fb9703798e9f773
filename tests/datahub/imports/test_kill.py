"""kill -9 in the middle of a file: the next worker goes on after the last chunk, and no row is lost or taken twice."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.architecture.project import ROOT

ROWS = 12_000


@pytest.mark.e2e
@pytest.mark.long
def test_a_killed_import_goes_on(tmp_path):
    database = tmp_path / "cdp.sqlite3"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cdp.settings",
        "CDP_HOME": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{database}",
        "SANDBOX_DATABASE_URL": f"sqlite:///{tmp_path}/sandbox.sqlite3",
        "LOG_LEVEL": "ERROR",
    }

    def worker(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.datahub.imports.worker", *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment)

    def told(question: str) -> int:
        with sqlite3.connect(database, timeout=30) as connection:
            return int(connection.execute(question).fetchone()[0])

    assert worker("begin", str(ROWS)).wait(timeout=240) == 0
    first = worker("go", "0")
    deadline = time.monotonic() + 120
    while told("SELECT cursor FROM datahub_fileimport") < 2_000 and time.monotonic() < deadline:
        time.sleep(0.02)
    first.kill()
    first.wait()
    settled = told("SELECT cursor FROM datahub_fileimport")
    assert 2_000 <= settled < ROWS
    assert told("SELECT count(*) FROM datahub_record") == settled
    assert worker("go", "0").wait(timeout=120) == 0
    assert told("SELECT cursor FROM datahub_fileimport") == settled, "the dead worker's lease still holds"
    assert worker("go", "2").wait(timeout=240) == 0
    assert told("SELECT created FROM datahub_fileimport WHERE state = 'done'") == ROWS
    assert told("SELECT count(DISTINCT row_id) FROM datahub_record") == ROWS
    assert told("SELECT count(*) FROM datahub_customer") == ROWS
