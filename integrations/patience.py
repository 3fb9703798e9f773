"""Writing down what is known only here: a passing fault of our own database must not lose it."""

from __future__ import annotations

import logging
import time as stopwatch
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

A = TypeVar("A")

AGAIN_AFTER_S = (0.1, 0.5, 2.0)

logger = logging.getLogger(__name__)


def insist(write: Callable[[], A]) -> A:
    """What `write` returns, tried up to four times. It opens its own transaction, and none may be open around it."""
    for pause in AGAIN_AFTER_S:
        try:
            return write()
        except OperationalError:
            logger.warning("the database did not take a write, once more in %s s", pause, exc_info=True)
            stopwatch.sleep(pause)
    return write()
