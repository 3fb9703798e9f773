"""What tests that start real processes need to see of them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def stat_of(pid: int) -> list[str]:
    """Fields 3 and on of /proc/<pid>/stat: state, parent, …; nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    return stat_of(pid)[:1] not in ([], ["Z"])


def children_of(pid: int) -> list[int]:
    everyone = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [child for child in everyone if stat_of(child)[1:2] == [str(pid)]]


def descendants_of(pid: int) -> set[int]:
    children = children_of(pid)
    return set(children).union(*map(descendants_of, children))


def wait_for(condition: Callable[[], T], timeout: float = 10.0) -> T:
    """The first true answer of `condition`."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.02)
    raise AssertionError("waited in vain")
