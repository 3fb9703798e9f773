"""What became of each row's messages, written down for the sheet: an outbox that the script's pulse and the write-back empty.

Three tables that only grow tell which rows to look at again: moves of messages, visits taken in, and handled changes of
records. They are read behind the engine, once a minute, so that sending never waits for a sheet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.utils import translation

from campaigns.explain import reason_text
from campaigns.models import Cursor, Enrollment, Message, MessageEvent
from campaigns.outcome_text import Outcome, cell, sentence
from campaigns.schedule import SendHours
from campaigns.states import EnrollmentState, MessageState
from datahub.bulk import upsert_rows
from datahub.models import OutcomeCell, Record, RecordEvent, Source

_AT_ONCE = 500
# Rows read of each table in one turn; what does not fit is read by the next.
BUDGET = 10_000
_LANGUAGE = "vi"


@dataclass(frozen=True)
class _Log:
    """A table that only grows, and the column that names the record."""

    name: str
    rows: QuerySet[Any]
    record: str


def refresh(*, now: datetime, budget: int = BUDGET) -> int:
    """Bring the cells of the rows that something happened to up to date; return how many changed. `now` is UTC.

    One runner at a time. Memory does not grow with what there is to do, nor do queries with the rows of a batch.
    """
    logs = (
        _Log("outcomes: messages", MessageEvent.objects.all(), "message__record_id"),
        _Log("outcomes: visits", Enrollment.objects.all(), "record_id"),
        _Log("outcomes: records", _handled(), "record_id"),
    )
    return sum(_follow(log, now, budget) for log in logs)


def _handled() -> QuerySet[RecordEvent]:
    """Changes up to the first that the engine has not dealt with yet."""
    changes = RecordEvent.objects.filter(kind=RecordEvent.Kind.UPDATED)
    first = RecordEvent.objects.filter(handled_at=None).aggregate(first=Min("id"))["first"]
    return changes if first is None else changes.filter(id__lt=first)


def _follow(log: _Log, now: datetime, budget: int) -> int:
    """Read one table on from where it was read to."""
    cursor, _ = Cursor.objects.get_or_create(name=log.name)
    top = log.rows.aggregate(top=Max("id"))["top"] or 0
    position, changed = cursor.position, 0
    while budget > 0 and position < top:
        mine = log.rows.filter(id__gt=position, id__lte=top).order_by("id")
        chunk = list(mine.values_list("id", log.record)[:_AT_ONCE])
        if not chunk:
            break
        changed += _write({record_id for _, record_id in chunk}, now)
        position, budget = chunk[-1][0], budget - len(chunk)
    # What came since the look before is read once more by the next: a lower number may be committed meanwhile.
    kept = max(cursor.position, min(position, cursor.seen))
    if (kept, top) != (cursor.position, cursor.seen):
        Cursor.objects.filter(pk=cursor.pk).update(position=kept, seen=top)
    return changed


@transaction.atomic
def _write(record_ids: set[int], now: datetime) -> int:
    """The cells of these records, written where they say something else than before."""
    records = Record.objects.filter(pk__in=record_ids, source__kind__in=Source.SHEETS).select_related("workspace")
    by_id = {record.pk: record for record in records.defer("values")}
    texts = _texts(by_id)
    known = {(each.source_id, each.row_id): each.text for each in _cells(by_id.values())}
    rows = [
        {
            "workspace_id": record.workspace_id,
            "source_id": record.source_id,
            "row_id": record.row_id,
            "text": texts[pk],
            "changed_at": now,
            "told_at": None,
        }
        for pk, record in sorted(by_id.items())
        if pk in texts and known.get((record.source_id, record.row_id)) != texts[pk]
    ]
    upsert_rows(OutcomeCell, rows, unique=["source_id", "row_id"], update=["text", "changed_at", "told_at"])
    return len(rows)


def _cells(records: Iterable[Record]) -> QuerySet[OutcomeCell]:
    found = list(records)
    return OutcomeCell.objects.filter(
        source__in={record.source_id for record in found}, row_id__in=[record.row_id for record in found]
    )


def _texts(records: dict[int, Record]) -> dict[int, str]:
    """Record id → what its cell says; a visit that no campaign ever took in has none."""
    with translation.override(_LANGUAGE):
        said = _messages(records)
        for pk, texts in _visits(records, said).items():
            said[pk] += texts
    return {pk: cell(texts) for pk, texts in said.items() if texts}


def _messages(records: dict[int, Record]) -> defaultdict[int, list[str]]:
    said: defaultdict[int, list[str]] = defaultdict(list)
    columns = ("record_id", "state", "due_at", "sent_at", "delivered_at", "reason_code", "facts")
    for message in Message.objects.filter(record__in=records).only(*columns).order_by("id"):
        outcome = Outcome(
            MessageState(message.state),
            message.due_at,
            message.sent_at,
            message.delivered_at,
            reason_text(message.reason_code, message.facts),
        )
        said[message.record_id].append(sentence(outcome))
    return said


def _visits(records: dict[int, Record], said: defaultdict[int, list[str]]) -> dict[int, list[str]]:
    """What is still to come of visits that wait; why nothing will, where nothing else can be said."""
    waiting: defaultdict[int, list[str]] = defaultdict(list)
    stopped: dict[int, list[str]] = {}
    columns = ("record_id", "state", "due_at", "reason_code", "facts")
    unfinished = Enrollment.objects.filter(record__in=records).exclude(state=EnrollmentState.DONE)
    for visit in unfinished.only(*columns).order_by("due_at", "id"):
        record = records[visit.record_id]
        if visit.state == EnrollmentState.WAITING:
            hours = SendHours(record.workspace.send_from, record.workspace.send_until)
            planned = Outcome(MessageState.SCHEDULED, hours.next_open(visit.due_at))
            waiting[record.pk].append(sentence(planned))
        else:
            why = reason_text(visit.reason_code, visit.facts)
            stopped[record.pk] = [sentence(Outcome(MessageState.CANCELLED, visit.due_at, why=why))]
    return waiting | {pk: texts for pk, texts in stopped.items() if pk not in waiting and pk not in said}
