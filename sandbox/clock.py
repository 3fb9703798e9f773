"""The only place of the sandbox that reads the clock, and the one that moves it.

The offset lies in CDP_HOME/clock.json as {"offset_s": N}; the product reads the same file. Time only moves forward:
a clock that went back would make past messages future ones.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """The sandbox's time: the real time in UTC plus the offset."""
    return wall() + timedelta(seconds=offset())


def wall() -> datetime:
    """The real time in UTC: for tokens, whose age no training clock may change."""
    return datetime.now(UTC)


def offset() -> float:
    """Seconds that the sandbox is ahead of the real time; 0 if nobody has moved it."""
    try:
        return float(json.loads(_path().read_text())["offset_s"])
    except FileNotFoundError:
        return 0.0


def advance(seconds: float) -> float:
    """Move the clock forward by `seconds` and return the new offset. ValueError for a step back."""
    if seconds < 0:
        raise ValueError("the clock only moves forward")
    with _locked():
        return _write(offset() + seconds)


def set_offset(seconds: float) -> float:
    """Put the clock `seconds` ahead of the real time, whatever it was: for a fresh start."""
    with _locked():
        return _write(seconds)


def hold(seconds: float) -> None:
    """Keep the caller waiting in real time: an answer that does not come, a loop between rounds."""
    time.sleep(seconds)


def _path() -> Path:
    return Path(settings.CDP_HOME) / "clock.json"


def _write(seconds: float) -> float:
    # Written beside and renamed: a reader sees the old file or the new one, never half of one.
    temporary = _path().with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps({"offset_s": int(seconds) if seconds == int(seconds) else seconds}))
    temporary.replace(_path())
    return seconds


@contextmanager
def _locked() -> Iterator[None]:
    """One mover at a time, on the whole machine: two clicks of two hours make four."""
    with _path().with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
