"""PURE. One whole look at a sheet, as the script and the Sheets API both bring it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SnapRow:
    """One row as the sheet shows it: `cells` in the order of the headers, perhaps fewer. `row_id` is empty where it has none."""

    number: int
    row_id: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """The first row of a tab, the rows below it, and its merged ranges as in `A1:B1`."""

    headers: tuple[str, ...]
    rows: tuple[SnapRow, ...]
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Connection:
    """What is known of the way to the sheet. `silent_minutes` are whole, None is “never”; `problem` is a linked sheet's."""

    silent_minutes: int | None = None
    waiting: int = 0
    has_called: bool = False
    is_script: bool = True
    version: str = ""
    newer_version: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Facts:
    """What the Data Hub knows of the same rows. `numbers` are the last known places of rows that only the hub has."""

    known: frozenset[str] = frozenset()
    only_in_hub: int = 0
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One fault: a stable code, the column it is in (or nothing), the first rows, what was read, and how to mend it."""

    code: str
    column: str
    rows: tuple[int, ...]
    sentence: str
    repair: str

    SHOWN = 20

    def as_json(self) -> dict[str, object]:
        """The finding as a checkup stores it."""
        return {**vars(self), "rows": list(self.rows)}

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Finding:
        """The finding that `as_json` stored."""
        rows = stored.get("rows")
        texts = (str(stored.get(name, "")) for name in ("code", "column", "sentence", "repair"))
        code, column, sentence, repair = texts
        return cls(code, column, tuple(rows) if isinstance(rows, list) else (), sentence, repair)

    @property
    def is_cut(self) -> bool:
        """Whether there may be more rows than are named."""
        return len(self.rows) == self.SHOWN

    @property
    def tone(self) -> str:
        """How grave it is: bad stops rows or endangers a patient, warn will one day, mute only disturbs."""
        return "bad" if self.code in _BAD else "mute" if self.code in _MUTE else "warn"


_BAD = frozenset(
    {
        "header.not_first",
        "column.missing",
        "column.moved",
        "column.system_missing",
        "column.id_removed",
        "date.mixed_order",
        "date.us_order",
        "formula.broken",
        "rows.copied_id",
        "rows.never_sent",
        "rows.unsent",
        "script.silent",
        "link.refused",
    }
)
_MUTE = frozenset({"header.untidy", "rows.gaps", "rows.only_in_hub"})


def finding(code: str, sentence: str, repair: str, *, column: str = "", rows: list[int] | None = None) -> Finding:
    """A finding with no more rows than a person looks at."""
    return Finding(code, column, tuple(rows or ())[: Finding.SHOWN], sentence, repair)
