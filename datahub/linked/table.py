"""PURE. A tab's cells as a table of rows: which columns are ours, what staff ask of each row, and what it says."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from datahub.doctor.sheet import ROW_ID, SEND, STATUS_CELL
from datahub.schema import Schema
from datahub.text import fold
from integrations.google_sheets.protocol import REQUESTS
from integrations.google_sheets.pulse import OUTCOME_COLUMN

HEADER_ROW = 1
_ID = re.compile(r"[^\s\x00-\x1f\x7f]{1,80}")
_ASKED = {fold(request): request for request in REQUESTS}


@dataclass(frozen=True)
class Row:
    """One row. `request` is one of protocol.REQUESTS or empty; `asked` is what really stands in “Gửi webhook”."""

    number: int
    id: str
    values: dict[str, str]
    asked: str
    status: str
    outcome: str

    @property
    def request(self) -> str:
        """What staff ask for, in our own spelling."""
        return _ASKED.get(fold(self.asked), "")

    @cached_property
    def is_blank(self) -> bool:
        """Whether staff typed nothing into it."""
        return not any(text.strip() for text in self.values.values())

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever what staff typed does; the order of the columns, and empty ones, do not count."""
        said = sorted((fold(name), text.strip()) for name, text in self.values.items() if text.strip())
        text = unicodedata.normalize("NFC", json.dumps(said, ensure_ascii=False))
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()


@dataclass(frozen=True)
class Table:
    """A tab that can be worked with. Columns count from 1; 0 is one that the tab does not have."""

    headers: tuple[str, ...]
    send: int
    status: int
    id: int
    outcome: int
    rows: tuple[Row, ...]
    width: int

    @property
    def next_column(self) -> int:
        """Where a column of ours can be added: right of everything, as staff also write where no header stands."""
        return self.width + 1

    def digest(self) -> str:
        """Changes with anything in the table, wherever it stands."""
        said = [
            self.headers,
            [(row.number, row.id, row.fingerprint, row.asked, row.status, row.outcome) for row in self.rows],
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode(errors="replace")).hexdigest()


@dataclass(frozen=True)
class Missing:
    """Columns without which no row can be read or answered."""

    columns: tuple[str, ...]


class _Ours(NamedTuple):
    """Where our own columns stand, from 1; 0: nowhere."""

    send: int
    status: int
    id: int
    outcome: int


def read_table(grid: Sequence[Sequence[str]], schema: Schema) -> Table | Missing:
    """The tab whose first row is the header. A required column of the table's must be there: its name is matched as ever."""
    headers = tuple(unicodedata.normalize("NFC", head).strip() for head in grid[0]) if grid else ()
    while headers and not headers[-1]:
        headers = headers[:-1]
    at = {fold(head): place for place, head in reversed(list(enumerate(headers, start=1))) if head}
    ours = _Ours(*(at.get(fold(name), 0) for name in (SEND, STATUS_CELL, ROW_ID, OUTCOME_COLUMN)))
    if missing := _missing(headers, ours, schema):
        return Missing(missing)
    data = [(place, head) for place, head in enumerate(headers, start=1) if head and place not in ours]
    width = max(len(headers), *map(len, grid))
    lines = ([*line, *[""] * (width - len(line))] for line in grid[HEADER_ROW:])
    rows = tuple(_row(number, line, data, ours) for number, line in enumerate(lines, start=HEADER_ROW + 1))
    return Table(headers, *ours, rows, width)


def _missing(headers: Sequence[str], ours: _Ours, schema: Schema) -> tuple[str, ...]:
    named = {column.spec.key for head in headers if (column := schema.column(head))}
    wanted = [spec.label for spec in schema.read if spec.required and spec.key not in named]
    return (*wanted, *(name for name, place in ((SEND, ours.send), (STATUS_CELL, ours.status)) if not place))


def _row(number: int, line: Sequence[str], data: Sequence[tuple[int, str]], ours: _Ours) -> Row:
    send, status, row_id, outcome = (line[place - 1].strip() if place else "" for place in ours)
    values = {head: line[place - 1] for place, head in data}
    return Row(number, row_id if _ID.fullmatch(row_id) else "", values, send, status, outcome)
