"""The arithmetic of a figure: two rates measured in turn, the median of their ratios, and one line of JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection

from cdp.bench import cpu

ROOT_PID = "CDP_BENCH_ROOT"
"""The environment variable that says which process is the bench; only the bench itself sets it."""

Line = dict[str, Any]
Work = Callable[[], float]
"""Does one repetition and returns how many things a second it did."""


@dataclass(frozen=True)
class Rates:
    """Repetitions of two works, pair by pair."""

    ours: list[float]
    baseline: list[float]

    def line(self, bench: str, *, target: float, n: int) -> Line:
        """The figure: the median of the ratios of the pairs, and both median rates."""
        ratio = median(ours / baseline for ours, baseline in zip(self.ours, self.baseline, strict=True))
        rates = {"ours_per_s": round(median(self.ours), 1), "baseline_per_s": round(median(self.baseline), 1)}
        return {**at_least(bench, ratio, target), **rates, "n": n, "runs": len(self.ours)}


def alternate(ours: Work, baseline: Work, *, runs: int) -> Rates:
    """Both works `runs` times, each first in every second pair, so that a machine that slows down slows both."""
    rates = Rates([], [])
    for run in range(runs):
        turns = [(ours, rates.ours), (baseline, rates.baseline)]
        for work, kept in turns if run % 2 == 0 else reversed(turns):
            kept.append(work())
    return rates


def per_second(count: int, work: Callable[[], object]) -> float:
    """How many a second, when `work` does `count` of them."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def at_least(bench: str, ratio: float, target: float) -> Line:
    """A figure that should be large."""
    return {"bench": bench, "ratio": round(ratio, 4), "target": target, "met": ratio >= target}


def at_most(bench: str, ratio: float, target: float) -> Line:
    """A figure that should be small."""
    return {"bench": bench, "ratio": round(ratio, 4), "target": target, "met": ratio <= target}


def figure(work: Callable[[], Line]) -> None:
    """Measure one figure and print it, with the database it ran on and how busy others kept the machine meanwhile."""
    root, database = int(os.environ[ROOT_PID]), str(connection.settings_dict["NAME"])
    before = cpu.sample(root, database)
    line = work()
    shared = {"database": connection.vendor, "foreign_cpu": cpu.foreign_share(before, cpu.sample(root, database))}
    sys.stdout.write(json.dumps(line | shared) + "\n")
    sys.stdout.flush()
