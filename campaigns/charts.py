"""PURE. Bars for the overview: counts become rectangles in SVG units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

HEIGHT = 120
FLOOR = 140  # where the axis lies; labels stand below it


@dataclass(frozen=True)
class Bar:
    """One rectangle."""

    x: int
    y: int
    width: int
    height: int
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """The bars of one hour or day, and what is written at them."""

    middle: int
    label: str
    total: int
    top: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Chart:
    """Columns side by side."""

    width: int
    columns: tuple[Column, ...]
    total: int
    floor: int = FLOOR
    height: int = FLOOR + 22


def hours(counts: Sequence[int]) -> Chart:
    """Sends per hour of the day; every third hour has its label."""
    labels = [f"{hour}h" if hour % 3 == 0 else "" for hour in range(len(counts))]
    return _chart([((count, ""),) for count in counts], labels, step=22, width=15)


def week(days: Sequence[tuple[date, int, int, int]]) -> Chart:
    """Per day: delivered, sent but not (yet) received, and failed, on top of one another."""
    stacks = [
        ((delivered, ""), (max(0, sent - delivered), "soft"), (failed, "bad")) for _, sent, delivered, failed in days
    ]
    return _chart(stacks, [f"{day:%d/%m}" for day, *_ in days], step=76, width=34)


def _chart(stacks: Sequence[tuple[tuple[int, str], ...]], labels: Sequence[str], *, step: int, width: int) -> Chart:
    totals = [sum(count for count, _ in stack) for stack in stacks]
    unit = HEIGHT / max(1, *totals)
    columns = []
    for index, (stack, label, total) in enumerate(zip(stacks, labels, totals, strict=True)):
        x = index * step + (step - width) // 2
        bars = _pile(stack, x=x, width=width, unit=unit)
        columns.append(Column(index * step + step // 2, label, total, min([FLOOR, *(bar.y for bar in bars)]), bars))
    return Chart(step * len(stacks), tuple(columns), sum(totals))


def _pile(stack: tuple[tuple[int, str], ...], *, x: int, width: int, unit: float) -> tuple[Bar, ...]:
    bars: list[Bar] = []
    floor = FLOOR
    for count, tone in stack:
        if count:
            height = max(3, round(count * unit))
            floor -= height
            bars.append(Bar(x, floor, width, height, tone))
    return tuple(bars)
