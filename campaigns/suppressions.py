"""Danh sách không gửi: the marks on phones that a clinic does not write to, one a phone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from campaigns.models import Suppression


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
