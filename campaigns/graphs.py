"""PURE. Drawings of an account's days: numbers become shapes in SVG units, stretched to the width there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from campaigns.charts import Bar
from integrations.zalo.forecast import BurnDown

HEIGHT = 100
ROOM = 4  # above the highest point, so that its line is not cut
DAY = 10
GAP = 2


@dataclass(frozen=True)
class Strip:
    """One number day by day. `peak` is the highest, None where one of them is without limit; `line` joins them."""

    width: int
    height: int
    peak: int | None
    bars: tuple[Bar, ...] = ()
    line: str = ""


@dataclass(frozen=True)
class Burn:
    """A month's use: the even line, what is used, and where it leads. Each is the `d` of a path."""

    width: int
    height: int
    ideal: str
    used: str
    area: str
    projected: str
    limit_y: int


@dataclass(frozen=True)
class Scale:
    """How near a count is to marks: zones that begin at each, filled up to the count."""

    width: int
    height: int
    zones: tuple[Bar, ...]
    filled: Bar


def columns(counts: Sequence[int | None], tone: str = "") -> Strip:
    """A bar a day; None is a day that is not known."""
    peak = max((count for count in counts if count), default=0)
    bars = []
    for index, count in enumerate(counts):
        if count:
            height = max(2, (HEIGHT - ROOM) * count // peak)
            bars.append(Bar(index * DAY + GAP // 2, HEIGHT - height, DAY - GAP, height, tone))
    return Strip(len(counts) * DAY, HEIGHT, peak, tuple(bars))


def steps(quotas: Sequence[int | None], known: Sequence[bool]) -> Strip:
    """A line of steps: None is without limit and stands above every number; a day that is not known is a gap."""
    finite = [quota for quota, is_known in zip(quotas, known, strict=True) if is_known and quota is not None]
    free = any(quota is None and is_known for quota, is_known in zip(quotas, known, strict=True))
    top = max(finite, default=1) * (5 if free else 4) // 4 or 1
    path, pen_down = [], False
    for index, (quota, is_known) in enumerate(zip(quotas, known, strict=True)):
        if is_known:
            y = ROOM if quota is None else _y(quota, top)
            path.append(f"{'V' if pen_down else f'M{index * DAY} '}{y}H{(index + 1) * DAY}")
        pen_down = is_known
    return Strip(len(quotas) * DAY, HEIGHT, None if free else max(finite, default=0), line="".join(path))


def burn(down: BurnDown) -> Burn:
    """This month's promotion: used until today, and from there to its end at the pace of the last days."""
    used = [day.used for day in down.days if day.used is not None]
    top = max(1, down.limit, down.projected if down.runs_out_on is None else 0, *used)
    points = [(0, HEIGHT), *(((index + 1) * DAY, _y(count, top)) for index, count in enumerate(used))]
    last_x, last_y = points[-1]
    line = "L".join(f"{x} {y}" for x, y in points)
    return Burn(
        width=len(down.days) * DAY,
        height=HEIGHT,
        ideal=f"M0 {HEIGHT}L{len(down.days) * DAY} {_y(down.limit, top)}",
        used=f"M{line}",
        area=f"M{line}V{HEIGHT}H0Z",
        projected=f"M{last_x} {last_y}L{_ahead(down, len(used), top)}",
        limit_y=_y(down.limit, top),
    )


def scale(count: int, marks: Sequence[tuple[int, str]]) -> Scale:
    """Zones from mark to mark, each in the tone of the one that begins it; the last mark is the end."""
    end, width = max(1, marks[-1][0]), 1000
    edges = [(0, ""), *marks]
    zones = [
        Bar(start * width // end, 0, (until - start) * width // end, 20, tone)
        for (start, tone), (until, _) in pairwise(edges)
    ]
    filled = min(width, max(0, count) * width // end)
    return Scale(width, 20, tuple(zones), Bar(0, 6, max(filled, 6 if count > 0 else 0), 8))


def _ahead(down: BurnDown, today: int, top: int) -> str:
    """Where the pace leads: to the day on which it runs out, or to the end of the month."""
    if down.runs_out_on is None:
        return f"{len(down.days) * DAY} {_y(down.projected, top)}"
    return f"{max(today, down.runs_out_on.day) * DAY} {_y(down.limit, top)}"


def _y(count: int, top: int) -> int:
    return HEIGHT - (HEIGHT - ROOM) * count // top
