"""Whatever goes wrong wherever: nothing lost, nothing twice, nothing past the quota. `make matrix` shows the table."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from tests.campaigns.story import HandClock
from tests.simulation import matrix, misfortunes
from tests.simulation.matrix import Cell
from tests.simulation.small_clinic import ELEVEN, HOPS, VISITS, Hop, found

pytestmark = [pytest.mark.long, pytest.mark.django_db(databases=["default", "sandbox"])]


# `make matrix` lives every cell; the suite lives each misfortune at one hop.
WHOLE = "MATRIX_VISITS" in os.environ


@pytest.fixture(scope="module")
def cells() -> Iterator[dict[tuple[str, str], Cell]]:
    """Every cell that was lived, shown as a table at the end (`pytest -s`)."""
    lived: dict[tuple[str, str], Cell] = {}
    yield lived
    sys.stdout.write(
        f"\ntaken / in doubt / refused, of {VISITS} visits\n{matrix.table(lived, [hop.name for hop in HOPS])}\n"
    )


@pytest.mark.parametrize("hop", HOPS, ids=lambda hop: hop.name)
def test_nothing_is_lost_sent_twice_or_past_the_quota(
    hop: Hop, monkeypatch: pytest.MonkeyPatch, cells: dict[tuple[str, str], Cell]
) -> None:
    clock = HandClock(ELEVEN)
    findings = matrix.play(monkeypatch, clock)
    clinic = found(hop, clock)
    bad = {}
    some = misfortunes.some_at_hop(hop.name, [each.name for each in HOPS])
    for misfortune in misfortunes.at_hop(hop.name) if WHOLE else some:
        cell = matrix.cell(clinic, hop, misfortune, findings)
        cells[misfortune.name, hop.name] = cell
        if cell.bad:
            bad[misfortune.name] = cell.bad
    assert bad == {}
