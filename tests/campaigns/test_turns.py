"""One busy account, one quiet one: the quiet one's message does not wait for the flood."""

from __future__ import annotations

from typing import Any

from campaigns.models import Message
from campaigns.tick import BATCHES_A_TURN
from tests.campaigns.story import Clinic, due, make_account, make_template


def test_a_hot_account_lets_the_others_have_their_turn(clinic: Clinic, settings: Any) -> None:
    settings.DISPATCH_BATCH = 2
    due(clinic, 30)
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.tick()
    quiet = make_account(clinic.workspace, oa_id="quiet", name="Chi nhánh nhỏ")
    last = Message.objects.latest("id")
    Message.objects.filter(pk=last.pk).update(account=quiet, template=make_template(quiet))
    clinic.account.blocked_reason = ""
    clinic.account.save()
    clinic.tick()
    order = [message.tracking_id for message in clinic.channel.sent]
    assert len(order) == 30
    assert order.index(last.tracking_id) <= BATCHES_A_TURN * settings.DISPATCH_BATCH
