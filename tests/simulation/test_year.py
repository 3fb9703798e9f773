"""A clinic chain's days against the Zalo of the sandbox: no rule broken that we could have known, no message twice."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest

from integrations.vietnam import at
from integrations.zalo.policy import policy
from tests.campaigns.story import HandClock
from tests.simulation import chain, year

pytestmark = [pytest.mark.long, pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)]

# `make year` lives a whole year, in which Zalo's rules change when they did. The suite lives ten days, and has them
# change soon after a month's end and before the first judgement.
WHOLE = "YEAR_DAYS" in os.environ
START, SWITCH = (date(2025, 6, 1), date(2026, 1, 16)) if WHOLE else (date(2025, 12, 30), date(2026, 1, 3))
DAYS, A_BRANCH = int(os.environ.get("YEAR_DAYS", "10")), int(os.environ.get("YEAR_VISITS", "3"))


@pytest.fixture(autouse=True)
def real_rules_afterwards() -> Iterator[None]:
    """The small rules are kept by the reader of policies too: whoever comes next reads the real ones."""
    yield
    policy.cache_clear()


def progress(line: str) -> None:
    """A line a day for whoever runs it with -s: a year takes minutes."""
    sys.stdout.write(f"{line}\n")


def test_a_chain_breaks_no_rule_it_could_have_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chain.shrink(monkeypatch, tmp_path)
    clock, findings = HandClock(at(START, time(0, 5))), year.Findings()
    year.play_in_process(monkeypatch, clock, findings)
    clinics = chain.found(start=START, switch=SWITCH, luck=random.Random(2026))
    for day in year.live(clinics, clock, findings, days=DAYS, a_branch=A_BRANCH):
        progress(f"{day}: {findings.visits} visits, refused {dict(findings.refused)}")
    year.settle_accounts(findings)
    progress(str(findings))
    assert findings.broken_rules == {}
    assert findings.differences == []
    assert findings.sent > findings.visits
