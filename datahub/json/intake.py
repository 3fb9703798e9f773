"""A webhook's body on its way in: its rows by the source's mapping, then judged and stored as a sheet's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from datahub.ingest import Annotate, Answered, Closed, Intake, Reused, Spoiled, ingest
from datahub.json.mapping import Extracted, JsonMapping, extract
from datahub.models import Customer, Source
from datahub.schema import Schema
from datahub.tables import schema_of
from integrations.google_sheets import answers, protocol
from integrations.google_sheets.answers import Result
from integrations.google_sheets.protocol import TooManyRows

_CODE, _NAME, _PHONE = "customer_id", "customer_name", "phone"


def mapping_of(source: Source) -> JsonMapping:
    """The source's mapping as it stands."""
    return JsonMapping.model_validate(source.mapping)


def take_in(
    *, source: Source, said: object, body: bytes, delivery: str, now: datetime, annotate: Annotate
) -> Answered | Closed | TooManyRows:
    """Judge and store the rows of one call; `said` is what `body` says. The same call again gets the same answer.

    A call is known again by its body and the program's own id of it together: some programs repeat an id with news.
    """
    found = rows_of(source, said)
    if isinstance(found, TooManyRows):
        return found
    batch_id = hashlib.sha256(delivery.encode(errors="replace") + b"\0" + body).hexdigest()
    batch = protocol.SheetBatch.model_construct(batch_id=batch_id, rows=found.rows)
    outcome = ingest(source=source, batch=batch, body=body, now=now, annotate=annotate, spoiled=found.spoiled)
    # The id is made of the body: it was taken in so long ago that its answer is forgotten, or forgotten with somebody in it.
    return Answered(answers.answer(batch_id, [])) if isinstance(outcome, Reused) else outcome


@transaction.atomic
def try_out(*, source: Source, said: object, now: datetime) -> list[Result] | TooManyRows:
    """The verdicts that the rows of a sample would get now; nothing is stored."""
    found = rows_of(source, said)
    if isinstance(found, TooManyRows):
        return found
    intake = Intake(source, schema_of(source.dataset), now, found.spoiled)
    intake.recall([row.row_id for row in found.rows])
    return [intake.judge(row)[0] for row in found.rows]


@dataclass(frozen=True)
class Rows:
    """A body's rows as the intake takes them."""

    rows: list[protocol.SheetRow]
    spoiled: Spoiled


def rows_of(source: Source, said: object) -> Rows | TooManyRows:
    """What the source's mapping finds in a body."""
    schema = schema_of(source.dataset)
    found = extract(said, mapping_of(source), schema)
    if len(found) > protocol.MAX_ROWS:
        return TooManyRows(len(found))
    found = _recalled(source, found, schema)
    labels = {spec.key: spec.label for spec in schema.read}
    rows = [
        protocol.SheetRow.model_construct(
            row_id=each.row_id,
            row_number=number,
            request=protocol.ACCEPTED,
            values={labels[key]: value for key, value in each.values.items()},
        )
        for number, each in enumerate(found, start=1)
    ]
    return Rows(rows, {each.row_id: each.errors for each in found if each.errors})


def _recalled(source: Source, found: Sequence[Extracted], schema: Schema) -> list[Extracted]:
    """Name and phone from the customer of that code where a body has the code alone: invoices often do."""
    lacking = [each for each in found if _CODE in each.values and not each.values.keys() >= {_NAME, _PHONE}]
    if not lacking:
        return list(found)
    codes = {each.values[_CODE].strip().upper() for each in lacking}
    known = Customer.objects.standing().filter(workspace_id=source.workspace_id, code__in=codes)
    people = {code: {_NAME: name, _PHONE: phone} for code, name, phone in known.values_list("code", "name", "phone")}
    labels = {spec.label for spec in schema.read if spec.key in (_NAME, _PHONE)}
    return [_filled(each, people.get(each.values.get(_CODE, "").strip().upper()), labels) for each in found]


def _filled(each: Extracted, person: dict[str, str] | None, labels: set[str]) -> Extracted:
    if person is None or each.values.keys() >= person.keys():
        return each
    errors = tuple(error for error in each.errors if error.column not in labels)
    return replace(each, values=person | dict(each.values), errors=errors)
