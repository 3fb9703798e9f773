"""The people whom a file named, when the file is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from datahub.fields import search_text
from datahub.models import Customer, FileImport, Record

Said = Mapping[int, set[tuple[str, str]]]
"""Customer → each name and phone that what is taken back gave them."""


def forget_customers(file_import: FileImport, said: Said, now: datetime) -> None:
    """Remove those of these people whom the file first named and nothing refers to.

    The others are called again as their newest visit says, where they bear the file's name or phone still.
    """
    some = Customer.objects.filter(pk__in=list(said))
    orphans = some.filter(file_import=file_import, erased_at=None, labels=None)
    for relation in Customer._meta.related_objects:
        others: Any = relation.related_model
        orphans = orphans.filter(~Exists(others.objects.filter(**{relation.field.name: OuterRef("pk")})))
    Customer.objects.filter(pk__in=list(orphans.values_list("pk", flat=True))).delete()
    newest = Record.objects.filter(customer=OuterRef("pk")).order_by("-updated_at", "-id").values("values")[:1]
    renamed = [
        customer
        for customer in some.filter(erased_at=None).annotate(visit=Subquery(newest)).select_for_update(of=("self",))
        if (customer.name, customer.phone) in said[customer.pk] and _rename(customer, getattr(customer, "visit", None))
    ]
    for customer in renamed:
        customer.updated_at = now
    Customer.objects.bulk_update(renamed, ["name", "phone", "search", "updated_at"])


def _rename(customer: Customer, visit: Mapping[str, str] | None) -> bool:
    """Whether the visit, if there is one and it bears this code, calls them otherwise; they are then called so."""
    if not visit or visit["customer_id"].upper() != customer.code:
        return False
    told = (visit["customer_name"], visit["phone"])
    if told == (customer.name, customer.phone):
        return False
    customer.name, customer.phone = told
    customer.search = search_text(customer.code, *told)
    return True
