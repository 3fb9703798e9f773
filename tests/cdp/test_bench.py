"""Every figure can be taken: real processes, a throw-away database, valid JSON. How fast it was is not asked here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from cdp.bench import cpu, measure
from cdp.bench.target import DAILY_QUOTA, _accepted
from integrations.base import Accepted
from integrations.http import Reply
from integrations.zalo.answers import result_of
from tests.architecture.project import ROOT

# What each name of --only prints.
LINES = {
    "ingest": ["ingest", "ingest_repeated"],
    "import": ["import"],
    "hub": [
        "hub_list",
        "hub_deep",
        "hub_status",
        "hub_phone",
        "hub_name",
        "hub_code",
        "hub_segment",
        "hub_segments",
        "hub_people",
        "hub_people_deep",
        "hub_people_phone",
        "hub_people_name",
        "hub_people_code",
    ],
    "dispatch": ["dispatch", "round_trips"],
    "celery": ["celery"],
    "memory": ["memory"],
    "guard": ["guard", "guard_promotion"],
    "backlog": ["backlog", "plans"],
}
NOBODY = "redis://127.0.0.1:1/0"


def bench(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "bench", *map(str, arguments), "--redis", NOBODY]
    environment = {**os.environ, "CDP_HOME": str(home)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.long
@pytest.mark.parametrize("name", LINES)
def test_a_figure_is_taken_and_told_as_json(tmp_path, name):
    run = bench(tmp_path, "--only", name, "--rows", 50, "--runs", 1)
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line["bench"] for line in lines] == LINES[name]
    assert not (tmp_path / "cdp.sqlite3").exists(), "the user's database is left alone"
    if name == "celery":
        assert "no Redis answers" in lines[0]["skipped"]
    for line in lines:
        assert line["database"] in ("sqlite", "postgresql")
        assert "foreign_cpu" in line
        assert "skipped" in line or {"ratio", "target", "met", "n", "runs"} <= line.keys()


def test_a_figure_cannot_be_taken_without_a_throw_away_database():
    command = [sys.executable, "-m", "cdp.bench", "guard", "50", "1"]
    run = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
    assert run.returncode == 1
    assert "manage.py bench" in run.stderr


def test_the_target_answers_as_zalo_does():
    answer = result_of(Reply(200, json.loads(_accepted(7))))
    assert isinstance(answer, Accepted)
    assert (answer.msg_id, answer.daily_quota, answer.remaining_quota) == ("bench7", DAILY_QUOTA, DAILY_QUOTA - 7)


def test_both_works_take_turns_at_going_first():
    order: list[str] = []

    def work(name: str, rate: float) -> measure.Work:
        def repetition() -> float:
            order.append(name)
            return rate

        return repetition

    rates = measure.alternate(work("a", 3.0), work("b", 6.0), runs=4)
    assert "".join(order) == "abbaabba"
    line = rates.line("x", target=0.4, n=10)
    assert (line["ratio"], line["met"], line["runs"]) == (0.5, True, 4)


def test_the_ratio_is_the_median_of_the_pairs():
    rates = measure.Rates(ours=[1.0, 2.0, 9.0], baseline=[2.0, 2.0, 2.0])
    assert rates.line("x", target=1.5, n=1)["ratio"] == 1.0
    assert not rates.line("x", target=1.5, n=1)["met"]


def test_a_small_figure_is_met_from_below():
    assert measure.at_most("x", 0.2, 0.2)["met"]
    assert not measure.at_most("x", 0.3, 0.2)["met"]


def test_what_others_used_is_what_was_busy_and_not_ours():
    samples = [cpu.Sample(total=0, busy=0, ours=0), cpu.Sample(total=200, busy=100, ours=80), None]
    assert [cpu.foreign_share(*pair) for pair in pairwise(samples)] == [0.1, None]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_this_process_counts_as_ours():
    sample = cpu.sample(os.getpid(), "none")
    assert sample is not None
    assert 0 < sample.ours < sample.busy < sample.total
    assert (cpu.peak_rss_mib(os.getpid()) or 0) > 10
