"""Messages that are due, and the guard asked about them as the dispatcher asks."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.db import transaction

from campaigns import guard
from campaigns.models import Message
from campaigns.states import MessageState as S
from integrations.vietnam import local
from integrations.zalo.policy import ZaloPolicy
from tests.campaigns.story import Clinic, vn

_numbers = itertools.count(1)


def messages(clinic: Clinic, count: int, *, phone: str = "") -> list[Message]:
    """`count` scheduled messages, due now."""
    for number in range(count):
        clinic.visit(
            Mã_khách_hàng=f"KH{number}",
            Số_điện_thoại=phone or f"09{12_345_678 + number}",
            Ngày_khám=f"{1 + number % 20:02}/11/2026",
        )
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.at(vn(21, 11, 5))
    return list(Message.objects.select_related("template").order_by("id"))


def delivered_before(message: Message, **changes: Any) -> Message:
    """A message like this one that arrived a month ago: of care and to the same person, unless told otherwise."""
    twin = Message.objects.get(pk=message.pk)
    twin.pk, twin.tag, twin.state, twin.phone = None, 2, S.DELIVERED, message.phone
    twin.delivered_at = vn(1) - timedelta(days=10)
    twin.dedupe_key = twin.tracking_id = f"old-{next(_numbers)}"
    for name, value in changes.items():
        setattr(twin, name, value)
    twin.save()
    return twin


def reserve(clinic: Clinic, batch: list[Message], *, rules: ZaloPolicy | None = None) -> list[guard.Answer]:
    """One batch through the guard, committed, under the rules of the day unless others are given."""
    now = clinic.clock.now()
    in_force = rules or clinic.account.rules_on(local(now).date())
    with transaction.atomic():
        return guard.reserve(account=clinic.account, policy=in_force, messages=batch, now=now)
