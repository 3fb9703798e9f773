"""Every figure by name, with how much of it is measured when nobody says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cdp.bench import backlog, celery_baseline, dispatch, guarding, hub, importing, ingest, memory


@dataclass(frozen=True)
class Figure:
    """How to measure, and the usual number of rows and repetitions."""

    measure: Callable[[int, int], None]
    rows: int
    runs: int


FIGURES = {
    "ingest": Figure(ingest.measure, 5_000, 5),
    "import": Figure(importing.measure, 20_000, 5),
    # As many rows as the database is asked to hold: see there.
    "hub": Figure(hub.measure, 0, 40),
    "dispatch": Figure(dispatch.measure, 2_000, 5),
    "celery": Figure(celery_baseline.measure, 2_000, 5),
    "memory": Figure(memory.measure, 5_000, 1),
    "guard": Figure(guarding.measure, 2_000, 5),
    "backlog": Figure(backlog.measure, 100_000, 5),
}
