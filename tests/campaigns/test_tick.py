"""The turn of the engine: nothing poisonous stops the street, and a failing duty raises the alarm."""

from __future__ import annotations

import logging

import pytest

from campaigns import enrollment, lastlook, progress, receipts
from campaigns.health import measure
from campaigns.models import Enrollment, Heartbeat, Message
from campaigns.states import MessageState as S
from campaigns.tick import run_tick
from integrations.models import InboundEvent
from tests.campaigns.story import Clinic, choose_template, make_account, make_template, vn

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """The failures below are meant; their traces are not for the reader of the suite."""
    caplog.set_level(logging.CRITICAL)


def test_one_poison_visit_does_not_stop_its_neighbours(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.visit(Mã_khách_hàng="KHỎE", Số_điện_thoại="0912345678")
    sick = clinic.visit(Mã_khách_hàng="BỆNH", Số_điện_thoại="0912345679")
    real = progress._advance_one

    def advance(enrollment: Enrollment, *rest: object) -> None:
        if enrollment.record_id == sick.pk:
            raise ZeroDivisionError
        real(enrollment, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(progress, "_advance_one", advance)
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    assert [message.phone for message in clinic.channel.sent] == ["84912345678"]
    stuck = Enrollment.objects.get(record=sick)
    assert (stuck.state, stuck.reason_code, stuck.due_at > vn(21, 11)) == ("waiting", "internal_error", True)
    monkeypatch.undo()


def test_one_poison_message_does_not_stop_its_neighbours(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.visit(Mã_khách_hàng="KHỎE", Số_điện_thoại="0912345678")
    clinic.visit(Mã_khách_hàng="BỆNH", Số_điện_thoại="0912345679")
    clinic.at(vn(21, 9))
    real = lastlook.objection

    def object_to(message: Message, look: lastlook.Look) -> object:
        if message.phone == "84912345679":
            raise ZeroDivisionError
        return real(message, look)

    monkeypatch.setattr(lastlook, "objection", object_to)
    clinic.at(vn(21, 11))
    assert [message.phone for message in clinic.channel.sent] == ["84912345678"]
    stuck = Message.objects.get(phone="84912345679")
    assert (stuck.state, stuck.reason_code, stuck.due_at) == (S.SCHEDULED, "internal_error", vn(21, 12))


def test_a_failing_duty_leaves_the_others_alone_and_raises_the_alarm(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))

    def fail(**_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(receipts, "apply", fail)
    clinic.at(vn(21, 11))
    assert len(clinic.channel.sent) == 1
    assert Heartbeat.objects.get().at == vn(21, 9)
    assert measure(now=vn(21, 11), wall=vn(21, 11)).stuck


def test_a_malformed_receipt_is_set_aside(clinic: Clinic) -> None:
    for number, message in enumerate(["text", {"delivery_time": "hôm qua"}, None, {"delivery_time": 5, "msg_id": []}]):
        InboundEvent.objects.create(
            account=clinic.account,
            key=str(number),
            name="user_received_message",
            body={"message": message},
            received_at=vn(21),
        )
    clinic.at(vn(21, 11))
    assert not InboundEvent.objects.filter(applied_at=None).exists()


def test_each_account_gets_its_turn(clinic: Clinic) -> None:
    clinic.visit(Mã_khách_hàng="MỘT", Số_điện_thoại="0912345678")
    clinic.at(vn(21, 9))
    clinic.clock.moment = vn(21, 10)
    second = make_template(make_account(clinic.workspace, oa_id="oa-hai"), template_id="7002")
    choose_template(clinic, second)
    clinic.visit(Mã_khách_hàng="HAI", Số_điện_thoại="0912345679")
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 11))
    assert {message.template_id for message in clinic.channel.sent} == {"7001", "7002"}


def test_health_counts_what_is_overdue_but_not_what_is_held(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.account.blocked_reason = "hold"
    clinic.account.save()
    clinic.at(vn(21, 11))
    assert measure(now=vn(21, 12), wall=vn(21, 11)).oldest_overdue_s == 0
    clinic.account.blocked_reason = ""
    clinic.account.save()
    late = measure(now=vn(21, 12), wall=vn(21, 11))
    assert (late.oldest_overdue_s, late.stuck) == (3600, True)


def test_an_account_that_cannot_send_does_not_stop_the_others(clinic: Clinic) -> None:
    clinic.visit(Mã_khách_hàng="MỘT", Số_điện_thoại="0912345678")
    clinic.at(vn(21, 9))
    second = make_template(make_account(clinic.workspace, oa_id="oa-hai", policy="zalo-1999"), template_id="7002")
    choose_template(clinic, second)
    clinic.visit(Mã_khách_hàng="HAI", Số_điện_thoại="0912345679")
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 11))
    assert [message.template_id for message in clinic.channel.sent] == ["7001"]
    assert Heartbeat.objects.get().at == vn(22, 9)


def test_a_flood_of_one_duty_does_not_starve_the_others(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    monkeypatch.setattr(enrollment, "enroll_from_events", lambda **_: 1)
    clinic.clock.moment = vn(21, 11)
    run_tick(clock=clinic.clock, budget_s=0.3)
    assert len(clinic.channel.sent) == 1
