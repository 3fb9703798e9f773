"""Danh sách không gửi: the marks on phones that a clinic does not write to, one a phone.

Zalo's answers put them (`put`), and people do (`stop`, `lift`). A lifted mark stays in the list, over since that moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import secrets
from accounts.audit import record_audit
from accounts.models import User, Workspace
from campaigns.models import Suppression
from campaigns.reasons import Reason
from datahub.models import Customer
from datahub.people.customers import MOST

# Why a person puts a phone on the list. Codes are stored: never rename one.
CHOSEN = {
    "asked": _("Khách yêu cầu không nhắn"),
    "complained": _("Khách phàn nàn hoặc báo xấu"),
    "wrong_person": _("Số của người khác"),
    "other": _("Lý do khác"),
}
WHY = {
    **CHOSEN,
    Reason.RECIPIENT_REFUSES: _("Khách đã chặn hoặc từ chối nhận tin từ OA"),
    Reason.NOT_ON_ZALO: _("Số không dùng Zalo hoặc không nhận được tin"),
}
# Of a mark's 64 hex digits: with the letter before them they fill the column of a phone.
_VEILED_DIGITS = 14
_VEIL = "x"


@dataclass(frozen=True)
class Line:
    """One mark, why in words, and whether it is over or its phone was erased."""

    mark: Suppression
    why: str
    is_over: bool
    is_veiled: bool


def veiled(phone: str) -> list[str]:
    """What stands in place of an erased phone, under each key: the mark still holds, and tells nobody the number."""
    return [f"{_VEIL}{mark[:_VEILED_DIGITS]}" for mark in secrets.marks(f"phone:{phone}")]


def is_veiled(phone: str) -> bool:
    """Whether only the veil of a phone is left."""
    return phone.startswith(_VEIL)


@transaction.atomic
def stop(
    *,
    workspace: Workspace,
    phone: str,
    reason: str,
    note: str,
    until: datetime | None,
    actor: User | None,
    now: datetime,
    customer: Customer | None = None,
    **facts: Any,
) -> Suppression:
    """Somebody of the clinic says that this phone is not written to by any way, until then or for good.

    A program says it as nobody (`actor`), with its token's id among the audit's `facts`.
    Never shorter than a mark for every way that holds already; a mark that an erasure left is put in its place again.
    """
    held = list(Suppression.objects.filter(workspace=workspace, phone__in=[phone, *veiled(phone)]).select_for_update())
    in_force = [mark for mark in held if mark.way == Suppression.Way.EVERY and not is_over(mark, now)]
    for_good = until is None or any(mark.until is None for mark in in_force)
    until = None if for_good else max([until, *(mark.until for mark in in_force if mark.until)])  # type: ignore[type-var]
    Suppression.objects.filter(pk__in=[mark.pk for mark in held if mark.phone != phone]).delete()
    mark, _is_new = Suppression.objects.update_or_create(
        workspace=workspace,
        phone=phone,
        defaults={
            "way": Suppression.Way.EVERY,
            "reason_code": reason,
            "note": note,
            "until": until,
            "created_by": actor,
            "created_at": now,
            "customer": customer,
        },
    )
    _audit("customer.stop", mark, actor, now, **facts)
    return mark


@transaction.atomic
def stop_person(
    *, customer: Customer, phones: Sequence[str], now: datetime, until: datetime | None, **why: Any
) -> None:
    """`stop` every one of a person's phones, and the person: a number typed tomorrow is theirs as well."""
    found = Customer.objects.select_for_update().get(pk=customer.pk)
    if found.is_stopped(now) and until is not None:
        until = None if found.stopped_until is None else max(until, found.stopped_until)
    Customer.objects.filter(pk=customer.pk).update(stopped_at=now, stopped_until=until)
    for phone in phones:
        stop(workspace=customer.workspace, phone=phone, customer=customer, now=now, until=until, **why)


@transaction.atomic
def lift(*, mark: Suppression, actor: User, now: datetime) -> bool:
    """The phone may be written to again from now on. False where it might already."""
    still = Q(until=None) | Q(until__gt=now)
    if not Suppression.objects.filter(still, pk=mark.pk).update(until=now):
        return False
    if mark.customer_id and not Suppression.objects.filter(still, customer=mark.customer_id).exists():
        Customer.objects.filter(pk=mark.customer_id).update(stopped_at=None, stopped_until=None)
    _audit("customer.resume", mark, actor, now)
    return True


@transaction.atomic
def put_back(*, mark: Suppression, actor: User, now: datetime) -> None:
    """A lifting was a mistake: the phone is not written to again, for good."""
    Suppression.objects.filter(pk=mark.pk, until__lte=now).update(until=None)
    if mark.customer_id:
        Customer.objects.filter(pk=mark.customer_id).update(stopped_at=now, stopped_until=None)
    _audit("customer.stop", mark, actor, now)


def in_force(workspace: Workspace, phones: Sequence[str], now: datetime) -> list[Line]:
    """What stops these phones at this moment."""
    names = [name for phone in phones for name in (phone, *veiled(phone))]
    found = Suppression.objects.filter(workspace=workspace, phone__in=names).select_related("created_by")
    return [line for line in lines(found, now) if not line.is_over]


def lines(marks: Iterable[Suppression], now: datetime) -> list[Line]:
    """The marks as the list shows them."""
    return [
        Line(mark, str(WHY.get(mark.reason_code, mark.reason_code)), is_over(mark, now), is_veiled(mark.phone))
        for mark in marks
    ]


@transaction.atomic
def ask_before_offers(*, workspace: Workspace, asks: bool, actor: User, now: datetime) -> None:
    """Whether silence stops an offer (decision 0011)."""
    Workspace.objects.filter(pk=workspace.pk).update(asks_before_offers=asks)
    record_audit(
        workspace=workspace,
        actor=actor,
        action="workspace.asks_before_offers",
        subject=workspace.pk,
        now=now,
        asks=asks,
    )


def is_over(mark: Suppression, now: datetime) -> bool:
    """Whether the mark stops nothing any more."""
    return mark.until is not None and mark.until <= now


def _audit(action: str, mark: Suppression, actor: User | None, now: datetime, **facts: Any) -> None:
    """For each customer with the phone, so that their page tells it; the mark's id is all that is said of the phone."""
    people = Customer.objects.filter(workspace=mark.workspace_id, phone=mark.phone).values_list("pk", flat=True)
    subjects: list[object] = [*people[:MOST]]
    for subject in subjects or ["-"]:
        record_audit(
            workspace=mark.workspace, actor=actor, action=action, subject=subject, now=now, mark=mark.pk, **facts
        )


def put(marks: Sequence[Suppression], now: datetime) -> None:
    """Put these marks, of one clinic and one a phone, where what holds now does not say more. Inside a transaction.

    A mark for every way says more than one for Zalo only, and of two alike the one that holds longer.
    Rows are made and locked in the order of the phones, so that two batches that mark the same ones do not deadlock.
    """
    if not marks:
        return
    by_phone = {mark.phone: mark for mark in sorted(marks, key=lambda mark: mark.phone)}
    Suppression.objects.bulk_create(by_phone.values(), ignore_conflicts=True)
    same = Suppression.objects.filter(workspace=marks[0].workspace_id, phone__in=by_phone)
    held = list(same.order_by("phone").select_for_update().values_list("pk", "phone"))
    alike: dict[tuple[str, str, datetime | None], list[int]] = defaultdict(list)
    for pk, phone in held:
        mark = by_phone[phone]
        alike[mark.way, mark.reason_code, mark.until].append(pk)
    for (way, reason, until), pks in alike.items():
        shorter = Q(until__lt=until) & Q(way=way)
        over = Q(way=Suppression.Way.ZALO) if way == Suppression.Way.EVERY else Q()
        gives_way = Q(until__lte=now) | shorter | over
        Suppression.objects.filter(gives_way, pk__in=pks).update(
            way=way, reason_code=reason, until=until, created_at=now
        )
