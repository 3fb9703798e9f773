"""One account that Zalo turns away, or lets wait, takes nothing from another's turn."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.conf import LazySettings

from campaigns.models import Message
from campaigns.recheck import CHUNK_PER_THREAD
from campaigns.states import MessageState as S
from campaigns.tick import run_tick
from integrations.base import Clock, NotNow, OutgoingMessage, Reopens, Scope, SendResult, Unknown
from integrations.models import OfficialAccount
from tests import factories
from tests.campaigns.story import Clinic, ObedientChannel, due, make_clinic

# The suite sends in one thread.
CHUNK = CHUNK_PER_THREAD
BUSY = NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, {"http": 429})
SILENT = Unknown("outcome_unknown", {"why": "ReadTimeout"})


@pytest.mark.parametrize("answer", [BUSY, SILENT], ids=["429", "no answer"])
def test_a_silent_account_has_one_chunk_and_the_quiet_one_all_its_messages(
    clinic: Clinic, answer: SendResult, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A budget of nothing is one round: the quiet account's messages are all out, of the silent one's one chunk is."""
    quiet = make_clinic(factories.make_workspace("Phòng khám yên tĩnh"), clinic.channel, app_id="app-2")
    quiet.clock = clinic.clock
    asked = silenced(clinic, answer, monkeypatch)
    for number in range(30):
        clinic.visit(Mã_khách_hàng=f"KH{number}", Số_điện_thoại=f"09{12_345_678 + number}")
    due(quiet, 4)
    OfficialAccount.objects.update(blocked_reason="hold")
    clinic.tick()  # the visits become messages
    OfficialAccount.objects.update(blocked_reason="")
    settings.DISPATCH_BATCH = 4
    its = Message.objects.filter(account=clinic.account)
    assert its.count() == 30
    run_tick(clock=clinic.clock, budget_s=0)
    assert len(clinic.channel.sent) == 4
    assert len(asked) == CHUNK
    assert its.filter(state=S.SCHEDULED, attempts=0, claims=[], lease_until=None).count() >= 30 - CHUNK
    clinic.tick()
    assert len(asked) == CHUNK, "it rests"
    clinic.clock.advance(minutes=1)
    clinic.tick()
    assert len(asked) == 2 * CHUNK


def silenced(clinic: Clinic, answer: SendResult, monkeypatch: pytest.MonkeyPatch) -> list[OutgoingMessage]:
    """From now on Zalo answers this clinic's account nothing else; returns what it was asked for, as it grows."""
    really, asked = ObedientChannel.send_many, list[OutgoingMessage]()

    def send_many(
        self: ObedientChannel, account: OfficialAccount, messages: Sequence[OutgoingMessage], token: str, clock: Clock
    ) -> list[SendResult]:
        if account == clinic.account:
            asked.extend(messages)
            return [answer] * len(messages)
        return really(self, account, messages, token, clock)

    monkeypatch.setattr(ObedientChannel, "send_many", send_many)
    return asked
