"""What changes while a batch is out stops its next chunk: a patient's no, a template, Zalo's night, a brake, the token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest

from accounts.models import Workspace
from campaigns import dispatch, progress
from campaigns.models import Message, QuotaWindow, Suppression
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from integrations.base import Brake, ChannelName, Refused, Scope
from integrations.models import MessageTemplate, OfficialAccount
from integrations.zalo.policy import ZaloPolicy
from tests.campaigns.story import PHONE, Clinic, due, vn
from tests.campaigns.waystory import NOT_ON_ZALO, SMS, ZNS, Ways, allow, sent

Action = Callable[[Clinic], object]


def mark(way: str = "") -> Action:
    """All phones get this mark."""

    def put(clinic: Clinic) -> None:
        for phone in Message.objects.values_list("phone", flat=True):
            Suppression.objects.create(
                workspace=clinic.workspace, phone=phone, way=way, reason_code="x", created_at=clinic.clock.now()
            )

    return put


def after_the_first_chunk(clinic: Clinic, action: Action) -> None:
    """Run the engine; `action` happens while the first chunk, of two messages, is being sent."""

    def once() -> None:
        clinic.channel.before_answer = None
        action(clinic)

    clinic.channel.before_answer = once
    clinic.tick()


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [
        (mark(), S.SKIPPED, "suppressed"),
        (mark("zalo"), S.SKIPPED, "no_channel"),
        (lambda _: MessageTemplate.objects.update(status="DISABLE"), S.SCHEDULED, "template_not_approved"),
        (lambda _: MessageTemplate.objects.update(brake=Brake.HOLD_PROMOTION), S.SCHEDULED, "template_brake"),
        (lambda _: OfficialAccount.objects.update(brake=Brake.ONLY_TRANSACTION), S.SCHEDULED, "brake_held"),
    ],
    ids=["asked for no more", "not on Zalo", "template disabled", "template braked", "account braked"],
)
def test_what_changed_meanwhile_stops_the_next_chunk(clinic: Clinic, action: Action, state: S, reason: str) -> None:
    due(clinic, 6)
    after_the_first_chunk(clinic, action)
    assert len(clinic.channel.sent) == 2
    rest = Message.objects.exclude(state=S.SENT)
    assert set(rest.values_list("state", "reason_code")) == {(state, reason)}
    assert rest.count() == 4
    assert QuotaWindow.objects.get(key__endswith="2026-11-21").used == 2
    assert campaign_sums(clinic.send).closes


def test_promotion_does_not_leave_once_zalos_night_began(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ZaloPolicy, "_not_eligible", lambda *_: None)
    Workspace.objects.update(send_until=time(23))
    MessageTemplate.objects.update(tag=3)
    due(clinic, 4)
    clinic.clock.moment = vn(21, 21, 59)
    Message.objects.update(expires_at=vn(23))
    after_the_first_chunk(clinic, lambda clinic: clinic.clock.advance(seconds=90))
    assert len(clinic.channel.sent) == 2
    assert Message.objects.filter(state=S.SCHEDULED, reason_code="zalo_night", due_at=vn(22, 7)).count() == 2


def test_a_patient_who_refused_in_this_batch_is_not_asked_again_in_it(clinic: Clinic) -> None:
    for number, phone in enumerate(["0912345678", "0912345000", "0912345001", "0912345678"]):
        clinic.visit(Mã_khách_hàng="KH0", Số_điện_thoại=phone, Dịch_vụ=f"Khám lần {number}")
    clinic.at(vn(21, 9))
    clinic.clock.moment = vn(21, 11)
    clinic.channel.tell(PHONE, Refused("recipient_refuses", Scope.PERSON, {"code": -141}))
    clinic.tick()
    assert [message.phone for message in clinic.channel.sent].count(PHONE) == 1
    assert len(clinic.channel.sent) == 3
    assert Message.objects.get(state=S.SKIPPED).reason_code == "suppressed"


def test_a_phone_that_proved_not_to_be_on_zalo_goes_by_sms_and_is_not_held_there(clinic: Clinic, ways: Ways) -> None:
    allow(clinic, ZNS, SMS)
    due(clinic, 6)
    after_the_first_chunk(clinic, mark("zalo"))
    assert sent(ways) == {ZNS: 2, SMS: 4}


def test_a_token_is_asked_for_before_each_chunk(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []

    def open_(*asked: Any) -> str:
        opened.append(asked)
        return "token"

    monkeypatch.setattr(clinic.channel, "open", open_)
    due(clinic, 6)
    progress.advance(now=clinic.clock.now(), limit=10)
    dispatch.dispatch(account=clinic.account, clock=clinic.clock, limit=10)
    assert len(opened) == 1 + 3, "before the claim and before each chunk of two"


def test_a_token_that_is_gone_meanwhile_stops_the_rest_for_a_minute(clinic: Clinic) -> None:
    due(clinic, 6)
    after_the_first_chunk(clinic, lambda clinic: setattr(clinic.channel, "token", ""))
    waiting = Message.objects.filter(state=S.SCHEDULED)
    assert (len(clinic.channel.sent), waiting.count()) == (2, 4)
    assert set(waiting.values_list("reason_code", "due_at")) == {("handed_back", vn(21, 11, 1))}
    clinic.channel.token = "token"
    clinic.at(vn(21, 11) + timedelta(minutes=1))
    assert len(clinic.channel.sent) == 6


def test_no_way_is_closed_to_a_message_whose_own_phone_bears_no_mark(clinic: Clinic, ways: Ways) -> None:
    ways[ZNS].tell(PHONE, NOT_ON_ZALO)
    due(clinic, 4)
    clinic.tick()
    assert sent(ways) == {ZNS: 4, ChannelName.SMS: 1}
