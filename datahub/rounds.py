"""What the Data Hub does every minute by itself. A duty that fails is logged and left for the next round; it stops no other."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from datahub.linked.pulls import pull_due
from datahub.retention import forget_bodies
from integrations.base import Clock

logger = logging.getLogger(__name__)

# Less than the minute between two bells. What does not fit is found by the next one.
BUDGET = timedelta(seconds=40)
# Raw bodies emptied in one round.
FORGET_AT_ONCE = 500

Duty = Callable[[], int]


def run_hub(*, clock: Clock) -> Counter[str]:
    """Do what is due; how much of each duty was done, and under `broken` how many duties failed."""
    done: Counter[str] = Counter()
    for name, duty in _duties(clock).items():
        try:
            done[name] += duty()
        except Exception:
            logger.exception("hub: %s failed", name)
            done["broken"] += 1
    return done


def _duties(clock: Clock) -> dict[str, Duty]:
    deadline = clock.wall() + BUDGET
    return {
        # Reads, write-backs and the nightly checkup of linked sheets: all of it in one turn of each.
        "pulled": lambda: pull_due(clock=clock, deadline=deadline),
        "forgotten": lambda: forget_bodies(clock.now(), FORGET_AT_ONCE),
    }
