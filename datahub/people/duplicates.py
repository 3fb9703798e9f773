"""Customers who may be one person under two codes: shown to a person, never put together by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Count, Min

from accounts.models import Workspace
from datahub.models import Customer, Field, Record
from datahub.people.likeness import alike
from datahub.text import search_key

# Shared phones, or shared names, that one page looks through.
AT_ONCE = 300
# A phone of more people than this is a company's or a mistake, and says nothing.
_CROWD = 12
_BIRTHDAYS = {"ngay sinh", "sinh nhat", "ngay thang nam sinh", "birthday", "date of birth"}


@dataclass(frozen=True)
class Likely:
    """Two customers, the one known longer first, and what speaks for one person: `phone` or `birthday`."""

    first: Customer
    second: Customer
    why: str


@dataclass(frozen=True)
class Place:
    """How far was looked: the id of the first customer of the last shared phone, and of the last shared name.

    A merge on the way takes groups out, so that their count is no place; and an address may hold an id, but no phone.
    """

    phone: int = 0
    name: int = 0


@dataclass(frozen=True)
class Page:
    """What one look found, and after what there is more to look through."""

    found: list[Likely]
    after: Place | None


def suggestions(workspace: Workspace, *, after: Place = Place()) -> Page:
    """Look through AT_ONCE shared phones and, where a table has birthdays, as many shared names, of those that follow."""
    phones, last_phone, more_phones = _repeated(workspace, "phone", after.phone)
    found = list(_by_phone(workspace, phones))
    birthdays = _birthday_fields(workspace)
    names, last_name, more_names = _repeated(workspace, "name", after.name) if birthdays else ([], after.name, False)
    seen = {(each.first.pk, each.second.pk) for each in found}
    by_day = (each for each in _by_birthday(workspace, names, birthdays) if (each.first.pk, each.second.pk) not in seen)
    return Page([*found, *by_day], Place(last_phone, last_name) if more_phones or more_names else None)


def _repeated(workspace: Workspace, column: str, after: int) -> tuple[list[str], int, bool]:
    """The values that several customers have, the first of whom came `after`; the last such first, and whether more follow."""
    groups = Customer.objects.filter(workspace=workspace).standing().values(column)
    counted = groups.annotate(people=Count("id"), first=Min("id"))
    wanted = counted.filter(people__gt=1, people__lte=_CROWD, first__gt=after).order_by("first")
    rows = list(wanted.values_list(column, "first")[: AT_ONCE + 1])
    shown = rows[:AT_ONCE]
    return [value for value, _ in shown], shown[-1][1] if shown else after, len(rows) > AT_ONCE


def _by_phone(workspace: Workspace, phones: Sequence[str]) -> Iterator[Likely]:
    people = Customer.objects.filter(workspace=workspace, phone__in=phones).standing().order_by("id")
    for group in _grouped((customer.phone, customer) for customer in people):
        for first, second in combinations(group, 2):
            if alike(first.name, second.name):
                yield Likely(first, second, "phone")


def _by_birthday(workspace: Workspace, names: Sequence[str], keys: Sequence[str]) -> Iterator[Likely]:
    people = Customer.objects.filter(workspace=workspace, name__in=names).standing().order_by("id").in_bulk()
    visits = Record.objects.filter(workspace=workspace, customer__in=Customer.objects.filter(pk__in=people))
    born: dict[int, str] = {}
    for customer, values in visits.order_by("id").values_list("customer", "values"):
        day = next((values[key] for key in keys if values.get(key)), "")
        if day:
            born[customer] = day
    same = (((search_key(people[pk].name), day), people[pk]) for pk, day in sorted(born.items()))
    for group in _grouped(same):
        for first, second in combinations(group, 2):
            yield Likely(first, second, "birthday")


def _grouped(pairs: Iterable[tuple[object, Customer]]) -> Iterator[list[Customer]]:
    groups: dict[object, list[Customer]] = defaultdict(list)
    for key, customer in pairs:
        groups[key].append(customer)
    return iter(groups.values())


def _birthday_fields(workspace: Workspace) -> list[str]:
    """Keys of the tables' columns that hold a birthday."""
    fields = Field.objects.filter(dataset__workspace=workspace, type=Field.Type.DATE, archived_at=None)
    return [field.key for field in fields if {search_key(field.label), field.key.replace("_", " ")} & _BIRTHDAYS]
