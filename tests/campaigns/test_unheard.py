"""A vendor that does not hear us: what rests is what it speaks of, and nothing else."""

from __future__ import annotations

import pytest

from campaigns.models import Message
from campaigns.states import MessageState as S
from integrations.base import NotNow, Reopens, Scope, SendResult, Unknown
from integrations.models import OfficialAccount
from tests.campaigns.story import PHONE, Clinic, due, vn
from tests.campaigns.waystory import SMS, ZNS, Ways, allow, sent

BUSY = NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, {"http": 429})
EXPIRED = NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON, {"code": -124})


def rests_until() -> object:
    return OfficialAccount.objects.get().rests_until


@pytest.mark.parametrize("answer", [BUSY, Unknown("outcome_unknown", {"why": "ReadTimeout"})], ids=["429", "silence"])
def test_a_silent_sms_vendor_does_not_rest_the_official_account(clinic: Clinic, ways: Ways, answer: SendResult) -> None:
    allow(clinic, SMS)
    for number in range(2):
        ways[SMS].tell(f"849{12_345_678 + number}", answer)
    due(clinic, 6)
    clinic.tick()
    assert (rests_until(), sent(ways)) == (None, {SMS: 2})
    waiting = Message.objects.filter(state=S.SCHEDULED, reason_code="handed_back", due_at=vn(21, 11, 1), claims=[])
    phones = set(waiting.values_list("phone", flat=True))
    clinic.at(vn(21, 11, 1))
    assert {message.phone for message in ways[SMS].sent} >= phones
    assert len(phones) == 4


def test_zalo_goes_on_while_the_sms_vendor_is_silent(clinic: Clinic, ways: Ways) -> None:
    allow(clinic, SMS)
    for number in range(2):
        ways[SMS].tell(f"849{12_345_678 + number}", BUSY)
    due(clinic, 2)
    clinic.tick()
    allow(clinic, ZNS)
    clinic.visit(Mã_khách_hàng="KH9", Số_điện_thoại="0987654321")
    clinic.at(vn(22, 11))
    assert sent(ways) == {SMS: 4, ZNS: 1}, "both SMS were tried again"


def test_an_account_whose_fresh_token_is_refused_too_rests(clinic: Clinic) -> None:
    clinic.channel.tell(PHONE, EXPIRED)
    due(clinic, 4)
    clinic.tick()
    assert (len(clinic.channel.sent), rests_until()) == (2, vn(21, 11, 1))
    assert Message.objects.filter(state=S.SCHEDULED).count() == 3
    clinic.at(vn(21, 11, 1))
    assert (len(clinic.channel.sent), Message.objects.filter(state=S.SENT).count()) == (5, 4)
