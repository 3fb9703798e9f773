"""Finding customers, and keeping a person's several codes together."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import Workspace
from datahub.models import Customer, CustomerQuerySet, Record, Source
from datahub.phones import phone

# More codes and phones than one person ever has: what is asked of a customer stays bounded.
MOST = 50


def find(workspace: Workspace, text: str) -> CustomerQuerySet:
    """The customers that are looked for, newest first: a whole phone or a known code finds just these, by their index.

    Empty text finds everybody but those who were merged into another.
    """
    found = Customer.objects.filter(workspace=workspace, erased_at=None).order_by("-id")
    asked = text.strip()
    if not asked:
        return found.filter(merged_into=None)
    number = phone(asked)
    if isinstance(number, str) and number:
        return found.filter(phone=number)
    by_code = found.filter(code=asked.upper())
    return by_code if by_code.exists() else found.search(asked)


def codes_of(customer: Customer) -> QuerySet[Customer]:
    """The person's rows: this one, and those that were merged into it."""
    return Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer.pk))


def phones_of(customer: Customer) -> list[str]:
    """Every phone that the person is or was written to by, MOST at most."""
    own = codes_of(customer).exclude(phone="").values_list("phone", flat=True)
    visits = Record.objects.filter(customer__in=codes_of(customer)).exclude(phone="")
    return sorted({*own[:MOST], *visits.order_by().values_list("phone", flat=True).distinct()[:MOST]})


def shared(workspace: Workspace, phones: Iterable[str], *, without: Customer) -> set[str]:
    """Those of the phones that somebody else of the clinic has as well: a family's."""
    mine = codes_of(without).values("pk")
    others = Customer.objects.filter(workspace=workspace, phone__in=list(phones)).exclude(pk__in=mine)
    visits = Record.objects.filter(dataset__in=workspace.datasets.all(), phone__in=list(phones))
    visits = visits.exclude(customer__in=mine)
    return {*others.values_list("phone", flat=True), *visits.values_list("phone", flat=True).distinct()}


def hold_intake(workspace: Workspace) -> None:
    """Let no sheet bring rows in until this transaction ends: who a row's customer is, is about to change."""
    list(Source.objects.filter(workspace=workspace).order_by("pk").select_for_update().values_list("pk"))
