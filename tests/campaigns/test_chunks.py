"""A claim is not a permission for ever: what is looked at again before each chunk of a batch, and what refusals teach."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import Workspace
from campaigns import activation, dispatch, progress, settle
from campaigns.models import Message, QuotaWindow
from campaigns.states import MessageState as S
from campaigns.sums import campaign_sums
from integrations import patience
from integrations.base import NotNow, Refused, Reopens, Scope
from integrations.models import OfficialAccount
from tests.campaigns.story import PHONE, Clinic, due, vn


def after_the_first_chunk(clinic: Clinic, action: Any) -> None:
    """Six messages fall due, two a chunk; `action` happens while the first two are being sent."""
    Workspace.objects.update(send_until=time(11, 0, 15))
    due(clinic, 6)

    def once() -> None:
        clinic.channel.before_answer = None
        action()

    clinic.channel.before_answer = once
    account = OfficialAccount.objects.get()
    enrolled = progress.advance(now=clinic.clock.now(), limit=10)
    assert enrolled == 6
    dispatch.dispatch(account=account, clock=clinic.clock, limit=10)


def pause(clinic: Clinic) -> None:
    activation.pause(campaign=clinic.send, actor=None, now=clinic.clock.now())


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(pause, id="a person pressed Tạm dừng"),
        pytest.param(lambda clinic: clinic.clock.advance(seconds=20), id="the clinic closed"),
        pytest.param(lambda clinic: setattr(clinic.clock, "moment", vn(22, 2)), id="the machine slept"),
        pytest.param(lambda clinic: clinic.clock.advance(minutes=3), id="the lease ran out"),
        pytest.param(lambda _: OfficialAccount.objects.update(blocked_reason="x"), id="the account was blocked"),
    ],
)
def test_the_rest_of_a_batch_is_handed_back_when_it_may_no_longer_leave(clinic: Clinic, action: Any) -> None:
    after_the_first_chunk(clinic, lambda: action(clinic))
    assert len(clinic.channel.sent) == 2
    handed_back = Message.objects.filter(state=S.SCHEDULED, reason_code="handed_back", claims=[])
    assert handed_back.count() == 4
    assert QuotaWindow.objects.get(key__endswith="2026-11-21").used == 2
    assert campaign_sums(clinic.send).closes


def test_a_place_in_todays_quota_is_none_in_tomorrows(clinic: Clinic) -> None:
    Workspace.objects.update(send_from=time(0, 0), send_until=time(23, 59, 59))
    due(clinic, 6)
    clinic.clock.moment = vn(21, 23, 58)
    Message.objects.update(expires_at=vn(23))
    progress.advance(now=clinic.clock.now(), limit=10)
    clinic.channel.before_answer = lambda: setattr(clinic.clock, "moment", vn(22, 0, 0))
    dispatch.dispatch(account=OfficialAccount.objects.get(), clock=clinic.clock, limit=10)
    assert len(clinic.channel.sent) == 2
    assert QuotaWindow.objects.get(key__endswith="2026-11-21").used == 2


def test_without_a_token_nothing_is_claimed(clinic: Clinic) -> None:
    due(clinic)
    clinic.channel.token = ""
    clinic.tick()
    assert (clinic.message().state, clinic.message().claims, clinic.channel.sent) == (S.SCHEDULED, [], [])


def test_an_hour_without_a_connection_loses_nothing(clinic: Clinic) -> None:
    due(clinic)
    clinic.channel.tell(PHONE, *[NotNow("vendor_busy", Scope.WINDOW, Reopens.SOON)] * 8)
    for minute in range(0, 90, 1):
        clinic.at(vn(21, 11) + timedelta(minutes=minute))
    message = clinic.message()
    assert (message.state, message.attempts, len(clinic.channel.sent)) == (S.SENT, 1, 9)


def test_a_patient_who_refuses_is_left_alone(clinic: Clinic) -> None:
    due(clinic)
    clinic.channel.tell(PHONE, Refused("recipient_refuses", Scope.RECIPIENT, {"code": -141}))
    clinic.tick()
    clinic.visit(Mã_khách_hàng="KH0", Số_điện_thoại="0912345678", Dịch_vụ="Lấy cao răng")
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 11))
    assert len(clinic.channel.sent) == 1
    assert Message.objects.get(state=S.SKIPPED).reason_code == "suppressed"


def test_a_passing_database_fault_does_not_put_outcomes_in_doubt(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(clinic)
    real, faults = settle._respect, iter([True, False])

    def respect(*arguments: Any) -> None:
        if next(faults, False):
            raise OperationalError("database is locked")
        real(*arguments)

    monkeypatch.setattr(settle, "_respect", respect)
    monkeypatch.setattr(patience, "AGAIN_AFTER_S", (0,))
    clinic.tick()
    assert clinic.message().state == S.SENT
    assert clinic.message().events.filter(to_state=S.SENT).count() == 1


def test_a_tag_1_message_out_of_quota_does_not_leave_at_midnight(clinic: Clinic) -> None:
    clinic.account.daily_quota = 0
    clinic.account.save()
    due(clinic)
    clinic.template.tag = 1
    clinic.template.save()
    clinic.tick()
    assert clinic.message().due_at == vn(22, 7)
