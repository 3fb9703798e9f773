"""Clean rows into customers and records, many at once, and an event for each record that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from datahub.bulk import upsert_rows
from datahub.fields import search_text
from datahub.models import Customer, Record, RecordEvent, Source
from datahub.rows import visit_key
from datahub.schema import STATUS, Schema
from datahub.text import fold

# What a row or a person can change in a record, and what stays as it was when the row first came.
VISIT_FIELDS = [
    "values",
    "phone",
    "status",
    "search",
    "visit_key",
    "completed_at",
    "completions",
    "revision",
    "updated_at",
]
_CHANGING_COLUMNS = ["customer_id", "is_history", *VISIT_FIELDS]
_RECORD_COLUMNS = [
    "workspace_id",
    "dataset_id",
    "source_id",
    "row_id",
    "file_import_id",
    "created_at",
    *_CHANGING_COLUMNS,
]

Changes = dict[str, list[str]]


def change(record: Record, values: Mapping[str, str], *, schema: Schema, now: datetime) -> Changes:
    """Write clean `values` into the record in memory and say what changed: field key → [old, new]. Empty: nothing did.

    A status that becomes the table's done value completes the visit at `now` (UTC); one that ceases to be un-completes it.
    """
    filled = {key: value for key, value in values.items() if value}
    if "phone" not in filled:
        return {}  # a visit whose customer was erased: only its own row, whole, makes it somebody's again
    old: dict[str, str] = record.values
    changes = {key: [old.get(key, ""), filled.get(key, "")] for key in old.keys() | filled.keys()}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if changes:
        record.values = filled
        record.phone = filled["phone"]
        record.search = search_text(filled["customer_id"], filled["customer_name"], record.phone)
        record.visit_key = visit_key(filled, otherwise=f"{record.source_id}:{record.row_id}")
        record.revision += 1
        record.updated_at = now
    if STATUS in changes:
        _complete(record, filled.get(STATUS, ""), schema=schema, now=now)
    return changes


def _complete(record: Record, status: str, *, schema: Schema, now: datetime) -> None:
    was_done, is_done = schema.is_done(record.status), schema.is_done(status)
    record.status = status
    if is_done and not was_done:
        record.completed_at, record.completions = now, record.completions + 1
    elif not is_done:
        record.completed_at = None


def change_by_hand(record: Record, values: Mapping[str, str], *, schema: Schema, actor: str, now: datetime) -> Changes:
    """`change` a record that a person edits, write it and the event that tells it. In a transaction, the record locked."""
    changes = change(record, values, schema=schema, now=now)
    if changes:
        record.save(update_fields=VISIT_FIELDS)
        RecordEvent.objects.create(
            workspace_id=record.workspace_id,
            record=record,
            kind=RecordEvent.Kind.UPDATED,
            changes=changes,
            actor=actor[:120],
            at=now,
        )
    return changes


@dataclass
class Upsert:
    """One batch's good rows on their way into the tables. Rows of one source; call `write` once, in a transaction."""

    source: Source
    schema: Schema
    now: datetime
    file_import_id: int | None = None
    """The file that the rows come from, where they come from one."""
    keeps_people: bool = False
    """Customers that are known keep their name and phone: what comes is older."""
    warnings: dict[str, str] = field(default_factory=dict)
    """Row id → what staff should look at again, though the row is right."""
    _taken: list[tuple[Record, Changes, bool]] = field(default_factory=list)

    def take(self, row_id: str, values: Mapping[str, str], existing: Record | None) -> Record:
        """The record of this row, changed in memory. It has a primary key only after `write`."""
        record = existing or self._unsaved(row_id)
        # A column that the sheet lacks says nothing: what is known stays.
        if changes := change(record, record.values | values, schema=self.schema, now=self.now):
            self._taken.append((record, changes, existing is None))
        return record

    def write(self) -> None:
        """Customers, records, events: four statements for one row, and for five hundred."""
        records = [record for record, _, _ in self._taken]
        customers = self._write_customers(records)
        for record in records:
            record.customer_id = customers[_code(record)]
        rows = [{name: getattr(record, name) for name in _RECORD_COLUMNS} for record in records]
        ids = upsert_rows(Record, rows, unique=["source_id", "row_id"], update=_CHANGING_COLUMNS, returning="row_id")
        for record in records:
            record.pk = ids[record.row_id]
        upsert_rows(RecordEvent, self._events())

    def _events(self) -> list[dict[str, Any]]:
        return [self._event(*taken) for taken in self._taken]

    def _unsaved(self, row_id: str) -> Record:
        source = self.source
        return Record(
            workspace_id=source.workspace_id,
            dataset_id=source.dataset_id,
            source_id=source.pk,
            row_id=row_id,
            file_import_id=self.file_import_id,
            values={},
            revision=0,
            created_at=self.now,
        )

    def _event(self, record: Record, changes: Changes, is_new: bool) -> dict[str, Any]:
        return {
            "workspace_id": self.source.workspace_id,
            "record_id": record.pk,
            "kind": RecordEvent.Kind.CREATED if is_new else RecordEvent.Kind.UPDATED,
            "changes": changes,
            "actor": self.source.name,
            "file_import_id": self.file_import_id,
            "at": self.now,
        }

    def _write_customers(self, records: Sequence[Record]) -> dict[str, int]:
        """Bring the records' customers up to date; the last row that names a customer is right.

        Code → primary key of the person: who was merged into another is that other one, under whatever code they come.
        """
        latest = {_code(record): record for record in records}
        found = Customer.objects.filter(workspace_id=self.source.workspace_id, code__in=list(latest))
        rows = list(found.values_list("id", "code", "name", "phone", "merged_into_id"))
        known = {code: (pk, name, phone) for pk, code, name, phone, _ in rows}
        merged = {code: kept for _, code, _, _, kept in rows if kept}
        self._warn_of_strangers(records, {code: told[1:] for code, told in known.items()})
        told = [
            self._customer(code, record)
            for code, record in sorted(latest.items())  # one order for everybody: two sheets must not deadlock
            if known.get(code, ())[1:] != (record.values["customer_name"], record.phone)
            and not (self.keeps_people and code in known)
        ]
        # An upsert even for strangers: another sheet of the clinic may have met them a moment ago.
        unique, update = ["workspace_id", "code"], ["name", "phone", "search", "updated_at"]
        saved = upsert_rows(Customer, told, unique=unique, update=update, returning="code")
        return {code: pk for code, (pk, _, _) in known.items()} | saved | merged

    def _warn_of_strangers(self, records: Sequence[Record], known: dict[str, tuple[str, str]]) -> None:
        """One code on two people is accepted, for a name or a phone may change, but both at once is said aloud."""
        for record in records:
            code, person = _code(record), (record.values["customer_name"], record.phone)
            name, phone = known.get(code, person)
            if phone != person[1] and fold(name) != fold(person[0]):
                self.warnings[record.row_id] = f"Mã {code} đang là {name} – 0{phone[2:]}, hãy kiểm tra"
            known[code] = person

    def _customer(self, code: str, record: Record) -> dict[str, Any]:
        return {
            "workspace_id": self.source.workspace_id,
            "code": code,
            "name": record.values["customer_name"],
            "phone": record.phone,
            "file_import_id": self.file_import_id,
            "search": record.search,
            "updated_at": self.now,
        }


def _code(record: Record) -> str:
    """The customer's code as it is known by: `kh001` and `KH001` are one person."""
    code: str = record.values["customer_id"].upper()
    return code
