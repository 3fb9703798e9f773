"""PURE. A Data Hub table's columns as values, and which of them a sheet's header names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from datahub.text import fold

PHONE = "phone"
SERVICE = "service"
STATUS = "status"
VISIT_DATE = "visit_date"
HUB = "hub"


@dataclass(frozen=True)
class FieldSpec:
    """One column of a table."""

    key: str
    label: str
    type: str = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    max_length: int = 200
    minimum: str = ""  # of a number or an ISO date; empty: none
    maximum: str = ""
    owner: str = "sheet"


@dataclass(frozen=True)
class Column:
    """What a header names. `rank` 0 is the field's own label; in a column to tick, `x` or TRUE means the visit is done."""

    spec: FieldSpec
    rank: int
    is_tick: bool


@dataclass(frozen=True)
class Schema:
    """The columns of one table and the status that completes a visit. Make one per batch: it remembers headers it has seen.

    `fields` leaves out archived ones and holds the hub's own; a sheet is asked for `read` alone.
    """

    fields: tuple[FieldSpec, ...]
    done_value: str = "Đã hoàn thành"

    def column(self, header: str) -> Column | None:
        """What a sheet's header names, whatever its case, spaces or Unicode form; None for a column of the clinic's own."""
        if header not in self._seen:
            self._seen[header] = self._columns.get(fold(header))
        return self._seen[header]

    def is_done(self, status: str) -> bool:
        """Whether this status completes a visit."""
        return status != "" and (status == self.done_value or fold(status) == self._done)

    @cached_property
    def _done(self) -> str:
        return fold(self.done_value)

    @cached_property
    def read(self) -> tuple[FieldSpec, ...]:
        """The columns that come from outside; what the hub itself keeps is not read, even if a sheet has such a column."""
        return tuple(spec for spec in self.fields if spec.owner != HUB)

    @cached_property
    def digest(self) -> bytes:
        """Changes whenever the same cells could be read differently."""
        return repr((self.read, self.done_value)).encode()

    @cached_property
    def _columns(self) -> dict[str, Column]:
        columns: dict[str, Column] = {}
        for spec in self.read:
            for rank, name in enumerate(self._names(spec)):
                folded = fold(name)
                if folded not in columns or rank < columns[folded].rank:
                    is_tick = spec.key == STATUS and folded == fold(self.done_value)
                    columns[folded] = Column(spec, rank, is_tick)
        return columns

    def _names(self, spec: FieldSpec) -> tuple[str, ...]:
        # Some clinics name the status column after the one status that matters, and tick it.
        return (spec.label, *spec.aliases, *((self.done_value,) if spec.key == STATUS else ()))

    @cached_property
    def _seen(self) -> dict[str, Column | None]:
        return {}
