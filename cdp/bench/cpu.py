"""How much of the machine others used while we measured. Linux tells; elsewhere nobody knows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Sample:
    """CPU ticks since boot: of the machine, of those the busy ones, and of those ours."""

    total: int
    busy: int
    ours: int


def sample(root: int, database: str) -> Sample | None:
    """Ours are `root`, its descendants, and the servers that work for them: PostgreSQL on `database`, and Redis."""
    if sys.platform != "linux":
        return None
    total, idle = _machine()
    processes = {int(path.name): _process(path) for path in _PROC.iterdir() if path.name.isdigit()}
    parents = {pid: parent for pid, (parent, _) in processes.items()}
    ours = (ticks for pid, (_, ticks) in processes.items() if _is_under(pid, root, parents) or _serves(pid, database))
    return Sample(total, total - idle, sum(ours))


def foreign_share(before: Sample | None, after: Sample | None) -> float | None:
    """The share of the machine's CPU that others used between two samples."""
    if before is None or after is None or after.total == before.total:
        return None
    foreign = (after.busy - before.busy) - (after.ours - before.ours)
    return round(max(0.0, foreign / (after.total - before.total)), 3)


def _machine() -> tuple[int, int]:
    ticks = [int(part) for part in (_PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4]


def _process(folder: Path) -> tuple[int, int]:
    """Parent, and ticks including those of children that have ended."""
    try:
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0, 0
    return int(fields[1]), sum(map(int, fields[11:15]))


def _is_under(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == root:
            return True
        pid = parents.get(pid, 0)
    return False


def _serves(pid: int, database: str) -> bool:
    try:
        title = (_PROC / str(pid) / "cmdline").read_text(errors="replace")
    except OSError:
        return False
    return (title.startswith("postgres:") and f" {database} " in title) or "redis-server" in title


def peak_rss_mib(pid: int) -> float | None:
    """The most memory the process ever had resident (VmHWM)."""
    if sys.platform != "linux":
        return None
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
