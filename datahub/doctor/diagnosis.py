"""PURE. The whole examination of a sheet, in the order in which a person would look: the header, the cells, the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from datahub.doctor.cells import choice_findings, extent_findings, formula_findings, request_findings
from datahub.doctor.dates import date_findings, future_findings
from datahub.doctor.headers import header_findings, moved, moved_findings
from datahub.doctor.phones import phone_findings
from datahub.doctor.rows import copied_findings, reconciled_findings, repeated_findings, unsent_findings
from datahub.doctor.sheet import Sheet
from datahub.doctor.snapshot import Facts, Finding, Snapshot
from datahub.schema import Schema

_BY_TYPE = {"phone": phone_findings, "date": date_findings, "choice": choice_findings}


def diagnose(snapshot: Snapshot, schema: Schema, today: date, facts: Facts) -> list[Finding]:
    """Every fault of the sheet, each once. `today` is Vietnam's. A sheet that is as it should be has none."""
    return list(_examine(Sheet(snapshot, schema, today), facts))


def _examine(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    yield from header_findings(sheet, facts)
    strangers = moved(sheet)
    yield from moved_findings(sheet, strangers)
    lost = {*strangers, *strangers.values()}
    for key in (key for key in sheet.fields if key not in lost):
        if look := _BY_TYPE.get(sheet.specs[key].type):
            yield from look(sheet, key)
    for examine in (future_findings, formula_findings, request_findings, repeated_findings, copied_findings):
        yield from examine(sheet)
    yield from unsent_findings(sheet)
    yield from reconciled_findings(sheet, facts)
    yield from extent_findings(sheet)
