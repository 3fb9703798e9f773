"""What an admin does to a table's columns: each change checked under the table's lock, written down, and taken back if asked soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.audit import record_audit
from accounts.models import AuditEntry, User
from datahub.editor.field_rules import SYSTEM, Problem, as_facts, from_facts, problems, renamed, stamp, tidy
from datahub.models import Dataset, Field, Record
from datahub.schema import STATUS, FieldSpec
from datahub.tables import spec_of
from datahub.text import fold, unaccented

UNDO_FOR = timedelta(minutes=15)
_ACTIONS = "field."


@dataclass(frozen=True)
class Stale:
    """Somebody changed the column since the page was opened; `now` is what it is. Nothing was stored."""

    now: FieldSpec | None


@dataclass
class _Table:
    """One table's columns while nobody else can change them, and what was done to them."""

    dataset: Dataset
    fields: list[Field]
    changes: list[dict[str, Any]]

    def by_key(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)

    def wrong(self, spec: FieldSpec, former: FieldSpec | None) -> list[Problem]:
        others = [spec_of(field) for field in self.fields if field.key != spec.key]
        return list(problems(spec, former, others, done_value=self.dataset.done_value))

    def write(self, field: Field, spec: FieldSpec, archived_at: datetime | None) -> None:
        """Store these settings in a column that is there, and remember what they were."""
        before = _state(field)
        for name, value in as_facts(replace(spec, key=field.key)).items():
            setattr(field, name, value)
        field.archived_at = archived_at
        if (after := _state(field)) != before:
            field.save(update_fields=[*as_facts(spec), "archived_at"])
            self.changes.append({"field": field.key, "before": before, "after": after})

    def add(self, spec: FieldSpec) -> Field:
        """One more column at the end, under a key made from its label."""
        key = _new_key(spec.label, {field.key for field in self.fields})
        last = max((field.position for field in self.fields), default=-1)
        field = Field.objects.create(dataset=self.dataset, position=last + 1, **as_facts(replace(spec, key=key)))
        self.fields.append(field)
        self.changes.append({"field": key, "before": None, "after": _state(field)})
        return field


@contextmanager
def _locked(dataset: Dataset) -> Iterator[_Table]:
    with transaction.atomic():
        fresh = Dataset.objects.select_for_update().get(pk=dataset.pk)
        yield _Table(fresh, list(Field.objects.filter(dataset=fresh)), [])


def _state(field: Field) -> dict[str, Any]:
    return {"archived": field.archived_at is not None, "settings": as_facts(spec_of(field))}


def _new_key(label: str, taken: set[str]) -> str:
    base = slugify(unaccented(label)).replace("-", "_")[:34] or "field"
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, 10_000))) if key not in taken)


def _write_down(table: _Table, action: str, actor: User | None, now: datetime, **facts: Any) -> None:
    record_audit(
        workspace=table.dataset.workspace,
        actor=actor,
        action=f"{_ACTIONS}{action}",
        subject=table.dataset.pk,
        now=now,
        changes=table.changes,
        **facts,
    )


def add_field(*, dataset: Dataset, settings: FieldSpec, actor: User | None, now: datetime) -> Field | list[Problem]:
    """One more column at the end of the table, or why not. Its key is made from its label and never changes."""
    spec = tidy(settings)
    with _locked(dataset) as table:
        if wrong := table.wrong(replace(spec, key=""), None):
            return wrong
        field = table.add(spec)
        _write_down(table, "add", actor, now)
    return field


def change_field(
    *, field: Field, settings: FieldSpec, seen: str, actor: User | None, now: datetime
) -> Field | Stale | list[Problem]:
    """Give a column these settings, or say why not. `seen` is the `stamp` of what the person began from.

    A new label keeps the old one as an alias. The key never changes, so campaigns and segments go on working.
    """
    with _locked(field.dataset) as table:
        current = table.by_key(field.key)
        former = spec_of(current) if current else None
        if current is None or former is None or current.archived_at or stamp(former) != seen:
            return Stale(former)
        spec = renamed(tidy(replace(settings, key=field.key)), former)
        if wrong := table.wrong(spec, former):
            return wrong
        table.write(current, spec, None)
        if table.changes:
            _write_down(table, "change", actor, now)
    return current


def set_archived(*, field: Field, archived: bool, seen: str, actor: User | None, now: datetime) -> Field | Stale:
    """Cease to read and show a column, or begin again. What it holds is kept either way.

    ValueError for a column that a visit is told by: it is never archived.
    """
    if field.key in SYSTEM:
        raise ValueError(f"{field.key} makes a visit and cannot be archived")
    with _locked(field.dataset) as table:
        current = table.by_key(field.key)
        if current is None or stamp(spec_of(current)) != seen or (current.archived_at is not None) == archived:
            return Stale(spec_of(current) if current else None)
        table.write(current, spec_of(current), now if archived else None)
        _write_down(table, "archive" if archived else "restore", actor, now)
    return current


def move_field(*, field: Field, up: bool, actor: User | None, now: datetime) -> None:
    """Swap a live column with its live neighbour; at the end nothing happens."""
    with _locked(field.dataset) as table:
        live = [each for each in table.fields if each.archived_at is None]
        at = next((n for n, each in enumerate(live) if each.pk == field.pk), None)
        to = None if at is None else at - 1 if up else at + 1
        if at is None or to is None or not 0 <= to < len(live):
            return
        live[at], live[to] = live[to], live[at]
        archived = [each for each in table.fields if each.archived_at is not None]
        for position, each in enumerate([*live, *archived]):
            each.position = position
        Field.objects.bulk_update(table.fields, ["position"])
        _write_down(table, "move", actor, now, field=field.key)


@dataclass(frozen=True)
class Named:
    """What a person said a header means: a field's key, or a new column of this type where `key` is empty."""

    header: str
    key: str
    type: str = "text"
    choices: tuple[str, ...] = ()


def take_names(
    *, dataset: Dataset, names: Sequence[Named], actor: User | None, now: datetime
) -> list[Field] | dict[str, list[Problem]]:
    """Teach the table these headers, as aliases or as new columns: all of them, or header → what is wrong and none."""
    wrong: dict[str, list[Problem]] = {}
    touched: list[Field] = []
    with _locked(dataset) as table:
        for named in names:
            field = table.by_key(named.key) if named.key else None
            former = spec_of(field) if field else None
            spec = tidy(
                replace(former, aliases=(*former.aliases, named.header))
                if former
                else FieldSpec("", named.header, named.type, choices=named.choices)
            )
            found = table.wrong(spec, former)
            if named.key and (field is None or field.archived_at):
                found = [Problem("key", "name.gone", named.header)]
            if found:
                wrong[named.header] = found
            elif field:
                table.write(field, spec, None)
            else:
                field = table.add(spec)
            touched += [field] if field else []
        if wrong:
            transaction.set_rollback(True)
        elif table.changes:
            _write_down(table, "names", actor, now)
    return wrong or touched


def set_done_value(
    *, dataset: Dataset, value: str, seen: str, actor: User | None, now: datetime
) -> Dataset | Stale | list[Problem]:
    """Choose the status that completes a visit from now on; visits that were completed or not stay as they are."""
    with _locked(dataset) as table:
        if table.dataset.done_value != seen:
            return Stale(None)
        status = table.by_key(STATUS)
        allowed = {fold(choice): choice for choice in status.choices} if status else {}
        if fold(value) not in allowed:
            return [Problem("done_value", "done.unknown", value)]
        wanted = allowed[fold(value)]
        names = {fold(name): each for each in table.fields for name in (each.label, *each.aliases)}
        if (other := names.get(fold(wanted))) and other.key != STATUS:
            return [Problem("done_value", "name.taken", wanted, other.label)]
        if wanted != seen:
            table.dataset.done_value = wanted
            table.dataset.save(update_fields=["done_value"])
            _write_down(table, "done_value", actor, now, done_value=[seen, wanted])
    return table.dataset


def undoable(dataset: Dataset, actor: User, now: datetime) -> AuditEntry | None:
    """The change that this person may still take back: the table's newest, if it is theirs and a few minutes old."""
    newest = _entries(dataset, now).first()
    mine = newest is not None and newest.actor_id == actor.pk
    return newest if newest and mine and (newest.facts["changes"] or "done_value" in newest.facts) else None


def _entries(dataset: Dataset, now: datetime) -> Any:
    return AuditEntry.objects.filter(
        workspace_id=dataset.workspace_id,
        action__startswith=_ACTIONS,
        subject=str(dataset.pk),
        at__gte=now - UNDO_FOR,
    ).order_by("-at", "-id")


def undo(*, dataset: Dataset, entry_id: int, actor: User, now: datetime) -> bool:
    """Put back what the change `entry_id` changed; False where it is no longer the newest, too old, or built upon."""
    with _locked(dataset) as table:
        entry = undoable(table.dataset, actor, now)
        if entry is None or entry.pk != entry_id:
            return False
        changes: list[Mapping[str, Any]] = entry.facts["changes"]
        if not all(_stands(table, change) for change in changes):
            return False
        if pair := entry.facts.get("done_value"):
            if table.dataset.done_value != pair[1]:
                return False
            table.dataset.done_value = pair[0]
            table.dataset.save(update_fields=["done_value"])
        for change in changes:
            _put_back(table, change, now)
        table.changes = []  # what was taken back is not offered to be taken back again
        _write_down(table, "undo", actor, now, entry=entry.pk)
    return True


def _stands(table: _Table, change: Mapping[str, Any]) -> bool:
    """Whether the column is as the change left it, and, if it was added, holds nothing yet."""
    field = table.by_key(change["field"])
    if field is None or _state(field) != change["after"]:
        return False
    return (
        change["before"] is not None
        or not Record.objects.filter(dataset=table.dataset, values__has_key=field.key).exists()
    )


def _put_back(table: _Table, change: Mapping[str, Any], now: datetime) -> None:
    field, before = table.by_key(change["field"]), change["before"]
    if field is None:
        return
    if before is None:
        field.delete()
    else:
        table.write(field, from_facts(before["settings"]), now if before["archived"] else None)
