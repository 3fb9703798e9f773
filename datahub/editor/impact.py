"""What a change to a column would do to what is there, told before it is done. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Min, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from datahub.editor.stored import Fit, fit
from datahub.editor.usage import Use
from datahub.matching.headers import LiveSheet, live_sheets
from datahub.models import Dataset, Record, SheetRow
from datahub.rows import CleanRow, Reader
from datahub.schema import HUB, FieldSpec, Schema

EXAMPLES = 5
_CHUNK = 2000


@dataclass(frozen=True)
class Misfit:
    """A stored value that the settings refuse: why, in how many visits, and the first of them."""

    value: str
    message: str
    count: int
    record_id: int
    row: SheetRow | None = None


@dataclass
class Tally:
    """What the settings make of a table's stored values. `misfits` are the first few, by visit."""

    filled: int = 0
    blank: int = 0
    refused: int = 0
    reread: int = 0
    misfits: tuple[Misfit, ...] = ()


@dataclass(frozen=True)
class Impact:
    """Everything a person should know before a column changes. `uses` are those that the change touches."""

    tally: Tally
    mended: int
    lost: tuple[tuple[LiveSheet, tuple[str, ...]], ...]
    lacking: tuple[LiveSheet, ...]
    uses: tuple[Use, ...]
    now_required: bool
    now_hubs: bool
    is_archived: bool = False

    @property
    def breaks(self) -> bool:
        """Whether there is anything to tell before the change is done."""
        blanks = self.now_required and (self.tally.blank or self.lacking)
        touched = self.tally.refused or self.tally.reread or self.lost or self.uses
        return bool(touched or blanks or self.is_archived or (self.now_hubs and self.tally.filled))

    @property
    def stops(self) -> tuple[Use, ...]:
        """Running campaigns that would go on without the column's news: it may not be archived under them."""
        return tuple(use for use in self.uses if use.is_live) if self.is_archived else ()


def impact_of(
    *, dataset: Dataset, schema: Schema, old: FieldSpec, new: FieldSpec | None, uses: Sequence[Use], today: date
) -> Impact:
    """What happens when the column `old` of the table's `schema` becomes `new`, or is archived where that is None."""
    after = _with(schema, old, new)
    sheets = live_sheets(dataset)
    asks = new is not None and new.required and new.owner != HUB
    now_required = asks and not (old.required and old.owner != HUB)
    return Impact(
        tally=tally(dataset, new or old, today) if new is None or _reads_otherwise(old, new) else Tally(),
        mended=_mended(dataset, schema, after, today) if new is not None and new != old else 0,
        lost=tuple((sheet, names) for sheet in sheets if (names := _lost(sheet, schema, after, old.key))),
        lacking=tuple(sheet for sheet in sheets if now_required and not sheet.names_of(after, old.key)),
        uses=tuple(use for use in uses if use.key == old.key and _touches(use, old, new)),
        now_required=now_required,
        now_hubs=new is not None and new.owner == HUB and old.owner != HUB,
        is_archived=new is None,
    )


def _with(schema: Schema, old: FieldSpec, new: FieldSpec | None) -> Schema:
    """The table's schema after the change."""
    specs = (new if spec.key == old.key else spec for spec in schema.fields)
    return replace(schema, fields=tuple(spec for spec in specs if spec is not None))


def _reads_otherwise(old: FieldSpec, new: FieldSpec) -> bool:
    return replace(old, label="", aliases=()) != replace(new, label="", aliases=())


def _touches(use: Use, old: FieldSpec, new: FieldSpec | None) -> bool:
    if new is None or old.type != new.type or old.owner != new.owner:
        return True
    return bool(set(use.values) & (set(old.choices) - set(new.choices)))


def _lost(sheet: LiveSheet, before: Schema, after: Schema, key: str) -> tuple[str, ...]:
    """The sheet's columns that were read as this field and would not be any more."""
    kept = sheet.names_of(after, key)
    return tuple(name for name in sheet.names_of(before, key) if name not in kept)


def tally(dataset: Dataset, spec: FieldSpec, today: date, *, examples: int = EXAMPLES) -> Tally:
    """What the settings make of every stored value. The database groups equal ones; memory does not grow with the table."""
    found, first = Tally(), list[Misfit]()
    for value, count, record_id in _values(dataset, spec.key):
        if not value:
            found.blank += count
            continue
        found.filled += count
        verdict, message = fit(value, spec, today)
        if verdict is Fit.REREAD:
            found.reread += count
        elif verdict is Fit.REFUSED:
            found.refused += count
            first = sorted([*first, Misfit(value, message, count, record_id)], key=lambda each: each.record_id)
            del first[examples:]
    found.misfits = _with_rows(first)
    return found


def _values(dataset: Dataset, key: str) -> Iterator[tuple[str, int, int]]:
    """Each different value of the field, empty ones too: how many visits have it, and the first of them."""
    value = Coalesce(KeyTextTransform(key, "values"), Value(""), output_field=TextField())
    return (
        Record.objects.filter(workspace_id=dataset.workspace_id, dataset=dataset)
        .order_by()
        .values_list(value)
        .annotate(count=Count("id"), first=Min("id"))
        .iterator(chunk_size=_CHUNK)
    )


def _with_rows(misfits: Sequence[Misfit]) -> tuple[Misfit, ...]:
    """The same with the sheet row that each first visit came from."""
    rows = {
        row.record_id: row
        for row in SheetRow.objects.filter(record__in=[each.record_id for each in misfits]).select_related("source")
    }
    return tuple(replace(each, row=rows.get(each.record_id)) for each in misfits)


def _mended(dataset: Dataset, before: Schema, after: Schema, today: date) -> int:
    """How many rows in error would be right as they were typed."""
    rows = SheetRow.objects.filter(workspace_id=dataset.workspace_id, source__dataset=dataset, accepted=False)
    old, new = Reader(before, today), Reader(after, today)
    return sum(
        isinstance(new.clean(new.cells(values)), CleanRow) and not isinstance(old.clean(old.cells(values)), CleanRow)
        for values in rows.values_list("values", flat=True).iterator(chunk_size=_CHUNK)
    )
