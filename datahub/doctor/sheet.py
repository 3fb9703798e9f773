"""PURE. A snapshot read under a table's schema: which column is which, and the rows that have anything in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from datahub.doctor.snapshot import SnapRow, Snapshot
from datahub.matching.names import OURS
from datahub.rows import CleanRow, Reader
from datahub.schema import FieldSpec, Schema
from datahub.text import clean, fold

SEND, STATUS_CELL, ROW_ID = "Gửi webhook", "Trạng thái gửi Webhook", "_cdp_id"
# How far down a header may have slipped and still be found.
_HEADER_WITHIN = 10
_HEADER_WORDS = 3


@dataclass(frozen=True)
class Cell:
    """One filled cell of a known column."""

    row: int
    text: str


class Sheet:
    """The snapshot with the names of its columns understood. A header that slipped down is followed."""

    def __init__(self, snapshot: Snapshot, schema: Schema, today: date) -> None:
        self.schema, self.today = schema, today
        self.header_row, self.snapshot = _aligned(snapshot, schema)
        self.reader = Reader(schema, today)

    @cached_property
    def rows(self) -> list[SnapRow]:
        """Rows in which staff typed something; a bare id or verdict is nothing of theirs."""
        ours = {at for at, header in enumerate(self.snapshot.headers) if fold(header) in OURS}
        return [row for row in self.snapshot.rows if _has_text(row, ours)]

    @cached_property
    def fields(self) -> dict[str, int]:
        """Field key → the place of its column; of two columns for one field the one with the better name."""
        best: dict[str, tuple[int, int]] = {}
        for at, header in enumerate(self.snapshot.headers):
            if column := self.schema.column(header):
                best[column.spec.key] = min(best.get(column.spec.key, (column.rank, at)), (column.rank, at))
        return {key: at for key, (_, at) in best.items()}

    @cached_property
    def specs(self) -> dict[str, FieldSpec]:
        """Field key → its column in the table."""
        return {spec.key: spec for spec in self.schema.read}

    def place(self, name: str) -> int | None:
        """Where a column of ours stands."""
        return self._places.get(fold(name))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {fold(header): at for at, header in reversed(list(enumerate(self.snapshot.headers)))}

    def header(self, key: str) -> str:
        """What the sheet calls the field."""
        return clean(self.snapshot.headers[self.fields[key]])

    def typed(self, type_: str) -> Iterator[str]:
        """The keys of the fields of this type that the sheet has."""
        yield from (key for key in self.fields if self.specs[key].type == type_)

    def cells(self, key: str) -> list[Cell]:
        """The filled cells of a field's column; a formula that failed or was dragged is a fault of its own."""
        at = self.fields[key]
        found = (Cell(row.number, text(row, at)) for row in self.rows)
        return [cell for cell in found if cell.text and cell.text[0] not in "#="]

    @cached_property
    def visits(self) -> dict[int, CleanRow]:
        """Row number → its clean values, where the row is right."""
        found = {}
        for row in self.rows:
            values = dict(zip(self.snapshot.headers, row.cells, strict=False))
            outcome = self.reader.clean(self.reader.cells(values))
            if isinstance(outcome, CleanRow):
                found[row.number] = outcome
        return found


def text(row: SnapRow, at: int | None) -> str:
    """The cell at this place without the space around it; empty beyond the row's end, or for no place."""
    return row.cells[at].strip() if at is not None and at < len(row.cells) else ""


def _has_text(row: SnapRow, ours: set[int]) -> bool:
    return any(cell.strip() and at not in ours for at, cell in enumerate(row.cells))


def _aligned(snapshot: Snapshot, schema: Schema) -> tuple[int, Snapshot]:
    """The row the header stands in, and the snapshot read from there."""
    if _known(snapshot.headers, schema) >= _HEADER_WORDS:
        return 1, snapshot
    for at, row in enumerate(snapshot.rows[:_HEADER_WITHIN]):
        if _known(row.cells, schema) >= _HEADER_WORDS:
            return row.number, replace(snapshot, headers=row.cells, rows=snapshot.rows[at + 1 :])
    return 1, snapshot


def _known(names: tuple[str, ...], schema: Schema) -> int:
    return sum(bool(schema.column(name)) or fold(name) in OURS for name in names)
