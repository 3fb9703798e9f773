"""A person ends the doubt about a message: the only way out of it besides Zalo's receipt."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from campaigns import guard
from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.transitions import Move, move


@transaction.atomic
def judge(*, message: Message, reached: bool, actor: User, now: datetime) -> bool:
    """Say that an unconfirmed message reached the patient, or that it did not; False when it is no longer in doubt.

    One that did not reach gives its places in the quota back and is still not sent again: its moment is over.
    """
    if message.state != MessageState.UNCONFIRMED:
        return False
    claims = list(message.claims)
    judged = (
        Move(message, MessageState.DELIVERED, Reason.JUDGED_REACHED, changes={"delivered_at": now})
        if reached
        else Move(message, MessageState.FAILED, Reason.JUDGED_UNSENT, changes={"claims": []})
    )
    if not move([judged], now=now):
        return False
    if not reached:
        message.claims = claims
        guard.release([message])
    record_audit(
        workspace=message.workspace,
        actor=actor,
        action="message.judge",
        subject=message.tracking_id,
        now=now,
        reached=reached,
    )
    return True
