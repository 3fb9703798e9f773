"""The columns that the Data Hub itself keeps: filled in by hand on a visit's page, never by a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from datahub.dates import stored_day
from datahub.fields import FieldError
from datahub.models import Record
from datahub.rows import parse
from datahub.schema import HUB, FieldSpec, Schema
from datahub.tables import schema_of
from datahub.text import quoted
from datahub.upsert import VISIT_FIELDS, change_by_hand
from integrations.vietnam import local


@dataclass(frozen=True)
class HubCell:
    """One box: what is stored, what stands in the box, and what is wrong with it. A box in error shows what was typed;
    its former value is still the stored one."""

    spec: FieldSpec
    stored: str
    typed: str
    error: str = ""

    @property
    def former(self) -> str:
        """What an untouched box would show."""
        return _as_typed(self.stored, self.spec)


def hub_cells(record: Record, schema: Schema | None = None) -> list[HubCell]:
    """The boxes of a visit, as they are stored. One query without a schema."""
    schema = schema or schema_of(record.dataset)
    values: dict[str, str] = record.values
    return [
        HubCell(spec, stored, _as_typed(stored, spec))
        for spec in schema.fields
        if spec.owner == HUB
        for stored in [values.get(spec.key, "")]
    ]


def _as_typed(stored: str, spec: FieldSpec) -> str:
    """A stored value as the box shows it and as `parse` reads it: a number with its comma, a day before its month."""
    if spec.type == "date" and (day := stored_day(stored)):
        return f"{day:%d/%m/%Y}"
    return stored.replace(".", ",") if spec.type == "number" else stored


def write_hub_values(
    *, record: Record, typed: Mapping[str, str], former: Mapping[str, str], actor: User, now: datetime
) -> list[HubCell]:
    """Store what a person typed into the boxes, or return them with what is wrong; then nothing was stored.

    `former` is what the boxes showed: a box that was not touched is left alone, one that somebody else has changed since
    is not overwritten. `now` is UTC.
    """
    with transaction.atomic():
        fresh = Record.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=record.pk)
        schema = schema_of(fresh.dataset)
        today = local(now).date()
        cells = hub_cells(fresh, schema)
        judged = [_judged(cell, typed, former, today) for cell in cells]
        if any(cell.error for cell in judged):
            return [replace(new, stored=cell.stored) for new, cell in zip(judged, cells, strict=True)]
        values = fresh.values | {cell.spec.key: cell.stored for cell in judged}
        if changes := change_by_hand(fresh, values, schema=schema, actor=str(actor), now=now):
            record_audit(
                workspace=fresh.workspace, actor=actor, action="record.edit", subject=fresh.pk, now=now,
                fields=sorted(changes),
            )  # fmt: skip
    record.refresh_from_db(fields=VISIT_FIELDS)
    return hub_cells(record, schema)


def _judged(cell: HubCell, typed: Mapping[str, str], former: Mapping[str, str], today: date) -> HubCell:
    """The box with the clean value that is to be stored, or with what was typed and why it cannot be."""
    said, began_from = typed.get(cell.spec.key, cell.typed), former.get(cell.spec.key, cell.typed)
    if said == began_from:
        return cell
    if began_from != cell.typed:
        return replace(cell, typed=said, error=f"vừa được người khác đổi thành {quoted(cell.typed)}, hãy xem lại")
    if not said.strip() and cell.spec.required:
        return replace(cell, typed=said, error="đang để trống, hãy điền vào ô này")
    clean = parse(said, cell.spec, today)
    if isinstance(clean, FieldError):
        return replace(cell, typed=said, error=clean.message)
    return replace(cell, stored=clean, typed=said)
