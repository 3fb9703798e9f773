"""Hop 1 and 2 of a row: a batch from the sheet is judged, stored and answered in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from datahub.bulk import upsert_rows
from datahub.models import Batch, Record, SheetRow, Source
from datahub.people.erasure import REFUSAL, Erased
from datahub.rows import CleanRow, Reader, RowError, cell_status
from datahub.schema import STATUS, Schema
from datahub.tables import schema_of
from datahub.text import clean as clean_text
from datahub.upsert import Upsert
from integrations.google_sheets import answers, protocol
from integrations.google_sheets.answers import Result
from integrations.vietnam import local

Annotate = Callable[[Sequence[Record], datetime], Mapping[int, str]]
"""Says of each record (by primary key) what happens next, for the note beside its row; a record may be left out."""

Spoiled = Mapping[str, Sequence[RowError]]
"""Row id → what was wrong with the row before its cells were read."""

_NONE_SPOILED: Spoiled = MappingProxyType({})
_KEPT = "; Data Hub giữ dữ liệu đã nhận trước đó của dòng này"
_TYPED_LIMIT = 500


@dataclass(frozen=True)
class Answered:
    """The body of the 200, new or as it was given the first time."""

    body: str


@dataclass(frozen=True)
class Reused:
    """The batch id has been used, for another body or so long ago that its answer is forgotten; nothing was stored."""


@dataclass(frozen=True)
class Closed:
    """The source does not take rows now; nothing was stored."""


def ingest(
    *,
    source: Source,
    batch: protocol.SheetBatch,
    body: bytes,
    now: datetime,
    annotate: Annotate,
    spoiled: Spoiled = _NONE_SPOILED,
) -> Answered | Reused | Closed:
    """Judge every row of the batch, store the right ones, remember and return the answer. `now` is UTC.

    All or nothing, and once: the same batch id with the same body gets the same answer and changes nothing.
    `spoiled` rows are wrong for reasons of their way here, whatever their cells.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        # The update is also the lock: two calls for one source, even the same call twice, go one after the other.
        if not Source.objects.filter(pk=source.pk, is_open=True).update(last_seen_at=now):
            return Closed()
        if known := Batch.objects.filter(source=source, batch_id=batch.batch_id).first():
            # An answer that was forgotten meanwhile is not made up again: what the sheet says now may be another thing.
            return Answered(known.answer) if known.body_sha256 == sha256 and known.answer else Reused()
        answer, has_erased = _take_in(source, batch, now, annotate, spoiled)
        Batch.objects.create(
            source=source,
            batch_id=batch.batch_id,
            body_sha256=sha256,
            body="" if has_erased else body.decode(),
            answer=answer,
            received_at=now,
        )
    return Answered(answer)


def _take_in(
    source: Source, batch: protocol.SheetBatch, now: datetime, annotate: Annotate, spoiled: Spoiled
) -> tuple[str, bool]:
    """The answer, and whether the body names somebody who was erased: then it is not kept."""
    intake = Intake(source, schema_of(source.dataset), now, spoiled)
    intake.recall([row.row_id for row in batch.rows])
    outcomes = [intake.judge(row) for row in batch.rows]
    intake.write()
    notes = annotate([record for _, record in outcomes if record], now) if outcomes else {}
    results = [
        replace(result, note=_note(intake.warnings.get(result.row_id, ""), notes.get(record.pk, "")))
        if record
        else result
        for result, record in outcomes
    ]
    return answers.answer(batch.batch_id, results), intake.has_erased


def _note(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class _Verdict:
    """What is to be remembered of one row."""

    row: protocol.SheetRow
    fingerprint: str
    record: Record | None
    said_status: str
    status: str = protocol.ACCEPTED
    errors: Sequence[RowError] = ()
    is_erased: bool = False
    """Of somebody whose data was erased: nothing of the row is kept, not even its fingerprint."""

    def as_row(self, source: Source, now: datetime) -> dict[str, Any]:
        """The SheetRow's columns. The record must have been written."""
        return {
            "workspace_id": source.workspace_id,
            "source_id": source.pk,
            "row_id": self.row.row_id,
            "row_number": self.row.row_number,
            "fingerprint": "" if self.is_erased else self.fingerprint,
            "accepted": not self.errors,
            "status": self.status,
            "errors": [error.as_json() for error in self.errors],
            "values": _as_typed(self.row.values) if self.errors and not self.is_erased else {},
            "said_status": self.said_status,
            "record_id": self.record.pk if self.record else None,
            "seen_at": now,
        }


_VERDICT_COLUMNS = [
    "row_number",
    "fingerprint",
    "accepted",
    "status",
    "errors",
    "values",
    "said_status",
    "record_id",
    "seen_at",
]


@dataclass
class Intake:
    """One batch's way in: `recall` what is known of its rows, `judge` each row in order, `write` once."""

    source: Source
    schema: Schema
    now: datetime
    spoiled: Spoiled = field(default_factory=dict)
    _known: dict[str, SheetRow] = field(default_factory=dict)
    _records: dict[str, Record] = field(default_factory=dict)
    _judged: dict[str, protocol.SheetRow] = field(default_factory=dict)
    _verdicts: list[_Verdict] = field(default_factory=list)
    _erased: Erased = field(default_factory=lambda: Erased(frozenset()))

    def __post_init__(self) -> None:
        self._reader = Reader(self.schema, local(self.now).date())
        self._upsert = Upsert(self.source, self.schema, self.now)

    def recall(self, row_ids: Sequence[str]) -> None:
        """Load the earlier verdicts and records of these rows; the records stay locked against the Data Hub page."""
        mine = {"source": self.source, "row_id__in": row_ids}
        self._known = {row.row_id: row for row in SheetRow.objects.filter(**mine)}
        records = Record.objects.filter(**mine).select_for_update(of=("self",)).order_by("pk")
        self._records = {record.row_id: record for record in records}
        self._erased = Erased.of(self.source.workspace_id)

    def judge(self, row: protocol.SheetRow) -> tuple[Result, Record | None]:
        """The answer for one row, and its record where the row is right."""
        if original := self._judged.get(row.row_id):
            return self._copied(row, original.row_number)
        self._judged[row.row_id] = row
        known, record = self._known.get(row.row_id), self._records.get(row.row_id)
        cells = self._reader.cells(row.values)
        verdict = _Verdict(row, self._reader.fingerprint(cells), record, said_status=known.said_status if known else "")
        if self._erased.names(cells):
            return self._of_erased(verdict)
        if known and record and known.accepted and known.fingerprint == verdict.fingerprint:
            if known.row_number != row.row_number:  # sorted or moved: the pages should point at where it is
                self._verdicts.append(verdict)
            return _taken(row), record
        outcome = self._reader.clean(cells)
        if reasons := self.spoiled.get(row.row_id):
            outcome = _besides(reasons, outcome)
        if isinstance(outcome, list):
            return self._wrong(verdict, outcome)
        if known and record and self.source.is_sheet and _is_someone_else(row, known, outcome, record):
            return self._copied(row, known.row_number)
        return self._right(verdict, outcome)

    @property
    def has_erased(self) -> bool:
        """Whether a row is of somebody whose data was erased."""
        return any(verdict.is_erased for verdict in self._verdicts)

    @property
    def warnings(self) -> Mapping[str, str]:
        """Row id → what to look at again, known once the rows are written."""
        return self._upsert.warnings

    def write(self) -> None:
        """Store what was judged."""
        self._upsert.write()
        rows = [verdict.as_row(self.source, self.now) for verdict in self._verdicts]
        upsert_rows(SheetRow, rows, unique=["source_id", "row_id"], update=_VERDICT_COLUMNS)

    def _right(self, verdict: _Verdict, outcome: CleanRow) -> tuple[Result, Record]:
        values, said = outcome.values, outcome.values.get(STATUS, "")
        if verdict.record and said == verdict.said_status:
            # The sheet's status is news only where it changes: one set by hand since is not taken back.
            values = {key: value for key, value in values.items() if key != STATUS}
        record = self._upsert.take(verdict.row.row_id, values, verdict.record)
        self._verdicts.append(replace(verdict, record=record, said_status=said))
        return _taken(verdict.row), record

    def _wrong(self, verdict: _Verdict, errors: list[RowError]) -> tuple[Result, None]:
        status = cell_status(errors, ending=_KEPT if verdict.record else "")
        self._verdicts.append(replace(verdict, status=status, errors=errors))
        return _refused(verdict.row, status, errors), None

    def _of_erased(self, verdict: _Verdict) -> tuple[Result, None]:
        status = cell_status([REFUSAL])
        self._verdicts.append(replace(verdict, status=status, errors=[REFUSAL], is_erased=True))
        return _refused(verdict.row, status, [REFUSAL]), None

    def _copied(self, row: protocol.SheetRow, original: int) -> tuple[Result, None]:
        """A row that carries another row's id: the verdict on that other row stays as it is."""
        message = f"mang mã ẩn của dòng {original} (dòng sao chép), hãy xóa ô mã ẩn của dòng này rồi gửi lại"
        if not self.source.is_sheet:
            message = (
                f"có cùng mã với dòng {original} trong một lần gửi, chỉ dòng {original} được đọc, hãy gửi lại dòng này"
            )
        error = RowError("Dòng", "row.copied_id", message)
        return _refused(row, cell_status([error]), [error]), None


def _besides(reasons: Sequence[RowError], outcome: CleanRow | list[RowError]) -> list[RowError]:
    """These reasons, and what the cells themselves have wrong in other columns."""
    told = {reason.column for reason in reasons}
    others = outcome if isinstance(outcome, list) else []
    return [*reasons, *(error for error in others if error.column not in told)]


def _taken(row: protocol.SheetRow) -> Result:
    return Result(row.row_id, row.row_number, accepted=True, status=protocol.ACCEPTED)


def _refused(row: protocol.SheetRow, status: str, errors: Sequence[RowError]) -> Result:
    details = [error.as_json() for error in errors]
    return Result(row.row_id, row.row_number, accepted=False, status=status, errors=details)


def _is_someone_else(row: protocol.SheetRow, known: SheetRow, outcome: CleanRow, record: Record) -> bool:
    """Whether this is a copy of the known row, filled in for another patient: elsewhere, another code and another phone.

    A correction changes one of these; sorting changes only the place.
    """
    new, old = outcome.values, record.values
    return bool(old) and (
        row.row_number != known.row_number and new["customer_id"] != old["customer_id"] and new["phone"] != old["phone"]
    )


def _as_typed(values: Mapping[str, str]) -> dict[str, str]:
    """What stood in a wrong row, for the page that explains it; cleaned, as databases refuse some characters."""
    return {clean_text(header)[:_TYPED_LIMIT]: clean_text(typed)[:_TYPED_LIMIT] for header, typed in values.items()}
