"""The columns' names as live sheets last had them: from the script's pulse or a checkup, whichever is newer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import JSONField, OuterRef, Subquery

from datahub.models import Checkup, Dataset, Field, Source
from datahub.schema import FieldSpec, Schema


@dataclass(frozen=True)
class LiveSheet:
    """A sheet that feeds a table, and its header from the left; empty where it was never seen."""

    source: Source
    headers: tuple[str, ...]

    def names_of(self, schema: Schema, key: str) -> tuple[str, ...]:
        """The sheet's columns that this schema reads as the field."""
        found = ((header, schema.column(header)) for header in self.headers)
        return tuple(header for header, column in found if column and column.spec.key == key)


def live_sheets(dataset: Dataset) -> list[LiveSheet]:
    """Every sheet that feeds the table, with its header as it was last seen. One query."""
    newest = Checkup.objects.filter(source=OuterRef("pk")).order_by("-at")
    sources = (
        Source.objects.filter(workspace_id=dataset.workspace_id, dataset=dataset, kind__in=Source.SHEETS)
        .select_related("pulse")
        .annotate(
            checked_at=Subquery(newest.values("at")[:1]),
            checked_headers=Subquery(newest.values("headers")[:1], output_field=JSONField()),
        )
        .order_by("id")
    )
    return [LiveSheet(source, _headers(source)) for source in sources]


def _headers(source: Source) -> tuple[str, ...]:
    pulse = getattr(source, "pulse", None)
    checked_at, checked = getattr(source, "checked_at", None), getattr(source, "checked_headers", None)
    told = pulse.facts.get("headers") if pulse and not (checked and checked_at and checked_at > pulse.at) else None
    newest = told or checked
    return tuple(str(header) for header in newest) if isinstance(newest, list) else ()


def sheets_without(dataset: Dataset, column: FieldSpec) -> list[LiveSheet]:
    """Sheets whose every row a new column would refuse, since they lack it; none where it is optional or the hub's own."""
    if not column.required or column.owner != Field.Owner.SHEET:
        return []
    return [sheet for sheet in live_sheets(dataset) if not sheet.names_of(Schema((column,)), "")]
