"""Phân khúc: named filters over a table, who is in them, and what people do with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Count

from accounts.audit import record_audit
from accounts.models import User
from datahub.bounded import TooLong, bounded
from datahub.conditions import Tree
from datahub.filtering import words
from datahub.filtering.check import Problem, usable
from datahub.filters import to_q
from datahub.models import Dataset, Record, RecordQuerySet, Segment
from datahub.tables import schema_of
from datahub.text import FieldError, clean, quoted

LONGEST_NAME = 120
EXAMPLES = 5


@dataclass(frozen=True)
class Found:
    """How many records a filter finds, None where counting took too long; and a line for each of the newest."""

    count: int | None
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class Listed:
    """A segment on the page: what it asks, or why its filter cannot be used; how many are in it, None where unknown."""

    segment: Segment
    sentence: str
    problem: str
    count: int | None


def found(dataset: Dataset, tree: Tree, today: date) -> Found:
    """The records of the table that the tree finds, in bounded time."""
    records = Record.objects.filter(to_q(tree, today), dataset=dataset)
    try:
        with bounded():
            count = records.count()
            newest = records.order_by("-updated_at", "-id")[:EXAMPLES] if count else []
            return Found(count, [_example(record) for record in newest])
    except TooLong:
        return Found(None)


def _example(record: Record) -> str:
    names = (record.values.get(key, "") for key in ("customer_name", "customer_id"))
    return " · ".join(filter(None, (*names, record.service, words.day(record.visit_date))))


def listed(dataset: Dataset, segments: Iterable[Segment], today: date) -> list[Listed]:
    """These segments of one table with their counts: one question for all of them, in bounded time."""
    schema, shown = schema_of(dataset), list(segments)
    trees = {segment.pk: usable(segment.tree, schema) for segment in shown}
    counts = _counts(dataset, {pk: tree for pk, tree in trees.items() if not isinstance(tree, Problem)}, today)
    labels = {spec.key: spec.label for spec in schema.fields}
    return [_line(each, trees[each.pk], counts.get(each.pk), labels) for each in shown]


def _line(segment: Segment, tree: Tree | Problem, count: int | None, labels: Mapping[str, str]) -> Listed:
    if isinstance(tree, Problem):
        return Listed(segment, "", words.problem(tree), 0)
    return Listed(segment, words.sentence(tree, labels), "", count)


def _counts(dataset: Dataset, trees: dict[int, Tree], today: date) -> dict[int, int]:
    wanted = {f"of_{pk}": Count("dataset", filter=to_q(tree, today)) for pk, tree in trees.items()}
    try:
        with bounded():
            counted = Record.objects.filter(dataset=dataset).aggregate(**wanted) if wanted else {}
    except TooLong:
        return {}
    return {pk: counted[f"of_{pk}"] for pk in trees}


def trouble(segment: Segment) -> str:
    """Why nobody is in the segment whoever is in the table; empty where its filter can be used."""
    tree = usable(segment.tree, schema_of(segment.dataset))
    return words.problem(tree) if isinstance(tree, Problem) else ""


def narrowed(records: RecordQuerySet, segment: Segment, today: date) -> RecordQuerySet:
    """Those of the records of its table that are in the segment on this day, Vietnam's; none where its filter cannot be used."""
    tree = usable(segment.tree, schema_of(segment.dataset))
    return records.none() if isinstance(tree, Problem) else records.filter(to_q(tree, today))


def save(
    *, dataset: Dataset, name: str, tree: Tree, actor: User, now: datetime, segment: Segment | None = None
) -> Segment | FieldError:
    """A new segment of the table, or the given one with this name and filter; or what is wrong with the name."""
    name = clean(name)
    if not name:
        return FieldError("segment.unnamed", "Hãy đặt tên cho phân khúc")
    if len(name) > LONGEST_NAME:
        return FieldError("segment.long", f"{quoted(name)}: tên dài {len(name)} ký tự, tối đa {LONGEST_NAME}")
    action = "segment.change" if segment else "segment.create"
    saved = segment or Segment(workspace_id=dataset.workspace_id, dataset=dataset, created_by=actor, created_at=now)
    saved.name, saved.tree = name, tree.model_dump(mode="json")
    try:
        with transaction.atomic():
            saved.save(update_fields=["name", "tree"] if segment else None)
            record_audit(workspace=dataset.workspace, actor=actor, action=action, subject=saved.pk, now=now)
    except IntegrityError:
        return FieldError("segment.taken", f"{quoted(name)}: bảng đã có phân khúc tên này, hãy chọn tên khác")
    return saved


@transaction.atomic
def remove(*, segment: Segment, actor: User, now: datetime) -> None:
    """Take the segment off the pages; it can be brought back."""
    if Segment.objects.filter(pk=segment.pk, removed_at=None).update(removed_at=now):
        record_audit(workspace=segment.workspace, actor=actor, action="segment.remove", subject=segment.pk, now=now)


def bring_back(*, segment: Segment, actor: User, now: datetime) -> bool:
    """Undo `remove`; False where another segment has taken the name meanwhile."""
    try:
        with transaction.atomic():
            if Segment.objects.filter(pk=segment.pk).exclude(removed_at=None).update(removed_at=None):
                record_audit(
                    workspace=segment.workspace, actor=actor, action="segment.restore", subject=segment.pk, now=now
                )
    except IntegrityError:
        return False
    return True
