"""PURE. Which row of a file names its columns, and what each column is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from datahub.files.problems import MAX_COLUMNS
from datahub.text import clean, column_letter

Knows = Callable[[str], bool]
"""Whether a name is that of a column of the table."""

LOOKED_AT = 30
"""Rows in which the header is looked for: titles and the clinic's address stand above it."""
_LONGEST = 80


def header_row(rows: Sequence[Sequence[str]], knows: Knows) -> int:
    """The number of the row, from 1, that names the most columns the table knows; else the first that is mostly filled."""
    some = rows[:LOOKED_AT]
    known = [sum(bool(name) and knows(name) for name in names_at(rows, at + 1, knows)) for at in range(len(some))]
    if any(known):
        return known.index(max(known)) + 1
    widths = [len([cell for cell in row if cell.strip()]) for row in some]
    usual = max(widths, default=0)
    return next((at + 1 for at, width in enumerate(widths) if width and width * 2 > usual), 1)


def names_at(rows: Sequence[Sequence[str]], number: int, knows: Knows) -> list[str]:
    """What row `number` calls each column. A cell merged with the one above it finds its name there."""
    row = rows[number - 1] if 0 < number <= len(rows) else []
    above = rows[number - 2] if 1 < number <= len(rows) else []
    width = max(len(row), len(above))
    names = [_name(row, at) for at in range(width)]
    for at, name in enumerate(names):
        if not name and knows(_name(above, at)):
            names[at] = _name(above, at)
    while names and not names[-1]:
        names.pop()
    return names


def _name(row: Sequence[str], at: int) -> str:
    return clean(row[at])[:_LONGEST] if at < len(row) else ""


def headings(names: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str]:
    """A different name for each column. Columns without one are called by their letter, where most rows use them."""
    width = len(names)
    for at in range(len(names), min(max(map(len, samples), default=0), MAX_COLUMNS + 1)):
        if 5 * sum(at < len(row) and bool(row[at].strip()) for row in samples) >= 4 * len(samples):
            width = at + 1
    found: list[str] = []
    seen: dict[str, int] = {}
    for at in range(width):
        name = (names[at] if at < len(names) else "") or f"Cột {column_letter(at)}"
        count = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        found.append(name if count == 1 else f"{name} ({count})")
    return found
