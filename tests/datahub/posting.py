"""Handing a batch to `ingest` without a web server, and looking at what it left."""

import json

from datahub.ingest import Answered, ingest
from datahub.models import Customer, Record, RecordEvent, SheetRow
from integrations.google_sheets.protocol import SheetBatch, parse
from tests.factories import NOW, as_bytes, sheet_batch


def note_row_ids(records, now):
    return {record.pk: f"ghi chú {record.row_id}" for record in records}


def post(source, *rows, now=NOW, batch_id="", annotate=note_row_ids):
    """One call; the results of its answer."""
    outcome = send(source, sheet_batch(*rows, batch_id=batch_id), now=now, annotate=annotate)
    assert isinstance(outcome, Answered), outcome
    return json.loads(outcome.body)["results"]


def send(source, body, *, now=NOW, annotate=note_row_ids):
    raw = as_bytes(body)
    batch = parse(raw)
    assert isinstance(batch, SheetBatch), batch
    return ingest(source=source, batch=batch, body=raw, now=now, annotate=annotate)


def everything():
    """Every row of every table that a batch can touch."""
    tables = (Customer, Record, RecordEvent, SheetRow)
    return [list(model.objects.order_by("id").values()) for model in tables]
