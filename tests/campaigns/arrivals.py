"""A history for an account: messages that left and arrived on days gone by."""

from __future__ import annotations

from datetime import datetime

from campaigns.models import Message
from campaigns.states import MessageState
from tests.campaigns.story import Clinic


def delivered(clinic: Clinic, day: datetime, count: int, *, tag: int = 2, **changes: object) -> None:
    """`count` messages that left and arrived at that moment; the clinic's first message is their model."""
    model, made = Message.objects.order_by("id")[0], Message.objects.count()
    twins = []
    for number in range(made, made + count):
        twin = Message.objects.get(pk=model.pk)
        twin.pk, twin.state, twin.tag = None, MessageState.DELIVERED, tag
        twin.sent_at = twin.delivered_at = day
        twin.dedupe_key = twin.tracking_id = f"twin-{number}"
        for name, value in changes.items():
            setattr(twin, name, value)
        twins.append(twin)
    Message.objects.bulk_create(twins)
