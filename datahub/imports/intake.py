"""Rows of a file judged and stored: the same Reader, the same Upsert and so the same verdicts as a sheet's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from datahub.bulk import upsert_rows
from datahub.files.lines import LOST, FileRow
from datahub.imports import identity
from datahub.imports.file_upsert import FileUpsert
from datahub.imports.mapping import FileMapping
from datahub.models import FileImport, Record, RecordEvent, SheetRow
from datahub.people.erasure import REFUSAL, Erased
from datahub.rows import CleanRow, Reader, RowError, cell_status
from datahub.schema import STATUS, Schema
from datahub.text import clean as clean_text
from integrations.vietnam import local

_TYPED_LIMIT = 500
_VERDICT_COLUMNS = ["accepted", "status", "errors", "values", "seen_at"]
UNDOING = "Hoàn tác tệp "
"""The actor of an event by which an import was taken back begins with it."""
NumberedRow = tuple[int, FileRow]


@dataclass
class Tally:
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    elsewhere: int = 0
    wrong: int = 0


@dataclass(frozen=True)
class _Right:
    """A row without a fault."""

    number: int
    row_id: str
    visit: str
    values: dict[str, str]


@dataclass
class Verdict:
    """What is to be remembered of one row: why it was refused, or what a person should look at again."""

    number: int
    cells: list[str]
    errors: list[RowError] = field(default_factory=list)
    warning: str = ""


class FileIntake:
    """One stretch of a file's rows. Call `settle` once, in a transaction."""

    def __init__(self, file_import: FileImport, schema: Schema, now: datetime) -> None:
        self._import, self._now = file_import, now
        self._mapping = FileMapping.from_json(file_import.mapping)
        self._columns = self._mapping.columns(schema)
        self._width = len(self._mapping.headings)
        self._reader = Reader(schema, local(now).date())
        self._erased = Erased.of(file_import.workspace_id)
        is_history = file_import.is_history
        self._upsert = FileUpsert(
            file_import.source, schema, now, file_import.pk, keeps_people=is_history, is_history=is_history
        )
        self.verdicts: list[Verdict] = []

    def settle(self, rows: Sequence[NumberedRow]) -> Tally:
        """Store the right rows and the reasons of the wrong ones. Empty rows are nothing."""
        right = [each for number, row in rows if (each := self._judge(number, row))]
        elsewhere = self._take(right, {number: row[0] for number, row in rows})
        self._upsert.write()
        self._warn(right, dict(rows))
        self._remember()
        return Tally(
            created=self._upsert.created,
            updated=self._upsert.updated,
            unchanged=self._upsert.unchanged,
            elsewhere=elsewhere,
            wrong=sum(bool(verdict.errors) for verdict in self.verdicts),
        )

    def _judge(self, number: int, row: FileRow) -> _Right | None:
        cells, problem = row
        if not any(cell and not cell.isspace() for cell in cells):
            return None
        if len(cells) > self._width and any(cell.strip() for cell in cells[self._width :]):
            problem = problem or f"có {len(cells)} ô trong khi tiêu đề có {self._width} cột, hãy kiểm tra dấu phân cách"
        if problem:
            self._refuse(number, cells, [RowError("Dòng", "row.shape", problem)])
            return None
        typed = {key: (cells[at] if at < len(cells) else "", is_tick) for at, key, is_tick in self._columns}
        if self._erased.names(typed):
            self._refuse(number, [], [REFUSAL])  # nothing of the row is kept
            return None
        if lost := [self._mapping.headings[at] for at, key, _ in self._columns if LOST in typed[key][0]]:
            message = f"có chữ không đọc được ({LOST}), hãy gõ lại ô này"
            self._refuse(number, cells, [RowError(heading, "text.unreadable", message) for heading in lost])
            return None
        outcome = self._reader.clean(typed)
        if isinstance(outcome, list):
            self._refuse(number, cells, outcome)
            return None
        return self._identified(number, cells, outcome)

    def _identified(self, number: int, cells: list[str], outcome: CleanRow) -> _Right | None:
        values = {key: value for key, value in outcome.values.items() if value}
        at, visit = self._mapping.key, identity.known_visit(values)
        if at is None:
            return _Right(number, identity.row_id_by_visit(visit, values), visit, outcome.values)
        key = clean_text(cells[at]) if at < len(cells) else ""
        if not key:
            message = "đang để trống, mà đây là cột phân biệt các dòng"
            self._refuse(number, cells, [RowError(self._mapping.headings[at], "key.empty", message)])
            return None
        return _Right(number, identity.row_id_by_key(key), visit, outcome.values)

    def _refuse(self, number: int, cells: list[str], errors: list[RowError]) -> None:
        self.verdicts.append(Verdict(number, cells, errors))

    def _take(self, right: list[_Right], cells: dict[int, list[str]]) -> int:
        """Hand the rows on, and count those whose visit another source has brought already."""
        mine = self._mine([row.row_id for row in right])
        others = self._others([row for row in right if row.row_id not in mine])
        said = self._said_before([row for row in right if row.row_id in mine], mine)
        elsewhere = 0
        for row in right:
            record = mine.get(row.row_id)
            if record is None and row.visit in others:
                elsewhere += 1
            elif record is not None and self._is_someone_else(row, record):
                self._refuse(row.number, cells[row.number], [self._key_of_another(row, record)])
            else:
                values = row.values
                if record is not None and values.get(STATUS) == said.get(record.pk):
                    values = {key: value for key, value in values.items() if key != STATUS}
                mine[row.row_id] = self._upsert.take(row.row_id, values, record)
        return elsewhere

    def _mine(self, row_ids: Sequence[str]) -> dict[str, Record]:
        """Records of earlier files, locked against the Data Hub page."""
        found = Record.objects.filter(source=self._import.source, row_id__in=row_ids)
        return {record.row_id: record for record in found.select_for_update(of=("self",)).order_by("pk")}

    def _said_before(self, rows: Sequence[_Right], mine: Mapping[str, Record]) -> dict[int, str]:
        """Record → the status that a file last gave it, where people have set another since.

        As a sheet's, a file's status is news only where it changes: the same file again takes nothing back.
        """
        pairs = [(row.values, mine[row.row_id]) for row in rows]
        found = {record.pk for values, record in pairs if values.get(STATUS, record.status) != record.status}
        events = RecordEvent.objects.filter(record__in=found, changes__has_key=STATUS).order_by("id")
        said: dict[int, str] = {}
        for event in events if found else ():
            if event.actor == self._import.source.name or event.actor.startswith(UNDOING):
                said.pop(event.record_id, None)
            else:
                said.setdefault(event.record_id, event.changes[STATUS][0])
        return said

    def _others(self, rows: Sequence[_Right]) -> set[str]:
        """Visits that another source brought, or an earlier file that told its rows apart in another way."""
        keys = {row.visit for row in rows if row.visit}
        found = Record.objects.filter(dataset_id=self._import.source.dataset_id, visit_key__in=keys)
        told = found.values_list("visit_key", "source_id", "row_id")
        return {key for key, source, row_id in told if source != self._import.source_id or self._counts(row_id)}

    def _counts(self, row_id: str) -> bool:
        return self._mapping.key is not None and row_id.startswith(identity.BY_VISIT)

    def _is_someone_else(self, row: _Right, record: Record) -> bool:
        """Two patients under one key: the column that was chosen does not tell rows apart."""
        new, old = row.values, record.values
        return (
            self._mapping.key is not None
            and new["customer_id"].upper() != old["customer_id"].upper()
            and new["phone"] != old["phone"]
        )

    def _key_of_another(self, row: _Right, record: Record) -> RowError:
        heading = self._mapping.headings[self._mapping.key or 0]
        message = f"“{row.row_id[2:]}” đã là dòng của khách {record.values['customer_id']}, mỗi dòng cần một mã riêng"
        return RowError(heading, "key.taken", message)

    def _warn(self, right: Sequence[_Right], rows: dict[int, FileRow]) -> None:
        for row in right:
            if warning := self._upsert.warnings.pop(row.row_id, ""):
                self.verdicts.append(Verdict(row.number, rows[row.number][0], warning=warning))

    def _remember(self) -> None:
        rows = [self._as_row(verdict) for verdict in self.verdicts]
        upsert_rows(SheetRow, rows, unique=["source_id", "row_id"], update=_VERDICT_COLUMNS)

    def _as_row(self, verdict: Verdict) -> dict[str, Any]:
        return {
            "workspace_id": self._import.workspace_id,
            "source_id": self._import.source_id,
            "row_id": f"{verdict_prefix(self._import)}{verdict.number}",
            "row_number": verdict.number,
            "fingerprint": "",
            "accepted": not verdict.errors,
            "status": cell_status(verdict.errors) if verdict.errors else verdict.warning,
            "errors": [error.as_json() for error in verdict.errors],
            "values": self._as_typed(verdict.cells),
            "said_status": "",
            "record_id": None,
            "seen_at": self._now,
        }

    def _as_typed(self, cells: Sequence[str]) -> dict[str, str]:
        """What stood in the row, under the file's own headings; what stood beyond them goes with the last."""
        names = self._mapping.headings
        kept = [clean_text(cell)[:_TYPED_LIMIT] for cell in cells]
        typed = dict(zip(names, kept, strict=False))
        if len(kept) > len(names):
            typed[names[-1]] = ", ".join(kept[len(names) - 1 :])[:_TYPED_LIMIT]
        return typed


def verdict_prefix(file_import: FileImport) -> str:
    """What the row ids of an import's verdicts begin with."""
    return f"x:{file_import.pk}:"
