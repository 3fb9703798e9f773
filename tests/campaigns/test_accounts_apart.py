"""One account that Zalo turns away, or lets wait, takes nothing from another's turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import LazySettings

from campaigns.models import Message
from campaigns.tick import BATCHES_A_TURN, run_tick
from integrations.base import Clock, NotNow, OutgoingMessage, Reopens, Scope, SendResult, Unknown
from integrations.models import OfficialAccount
from tests import factories
from tests.campaigns.story import Clinic, ObedientChannel, due, make_clinic

BUSY = NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, {"http": 429})
SILENT = Unknown("outcome_unknown", {"why": "ReadTimeout"})


@pytest.mark.parametrize("answer", [BUSY, SILENT], ids=["429", "no answer"])
def test_within_one_round_every_account_has_its_turn(
    clinic: Clinic, answer: SendResult, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A budget of nothing is one round: the quiet account's messages are all out, the hot one had its few batches."""
    quiet = make_clinic(factories.make_workspace("Phòng khám yên tĩnh"), clinic.channel, app_id="app-2")
    quiet.clock = clinic.clock
    really = ObedientChannel.send_many

    def send_many(
        self: ObedientChannel, account: OfficialAccount, messages: Sequence[OutgoingMessage], token: str, clock: Clock
    ) -> list[Any]:
        if account == clinic.account:
            return [answer] * len(messages)
        return really(self, account, messages, token, clock)

    monkeypatch.setattr(ObedientChannel, "send_many", send_many)
    for number in range(30):
        clinic.visit(Mã_khách_hàng=f"KH{number}", Số_điện_thoại=f"09{12_345_678 + number}")
    due(quiet, 4)
    OfficialAccount.objects.update(blocked_reason="hold")
    clinic.tick()  # the visits become messages
    OfficialAccount.objects.update(blocked_reason="")
    settings.DISPATCH_BATCH = 4
    assert Message.objects.filter(account=clinic.account).count() == 30
    assert run_tick(clock=clinic.clock, budget_s=0)["looked_at"] == BATCHES_A_TURN * 4 + 4
    assert len(clinic.channel.sent) == 4
    tried = Message.objects.filter(account=clinic.account).exclude(reason_code="")
    assert tried.count() == BATCHES_A_TURN * 4
