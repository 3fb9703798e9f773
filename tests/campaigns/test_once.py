"""Exactly once per visit: whatever the campaign does, whatever happens to the row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns import activation, library
from campaigns.models import Enrollment, Message, Occurrence
from campaigns.states import MessageState
from campaigns.sums import campaign_sums
from datahub.statuses import mark_status
from tests import factories
from tests.campaigns.story import Clinic, vn


def test_a_completed_visit_is_picked_up_at_nine_and_sent_two_hours_later(clinic: Clinic) -> None:
    clinic.visit(Số_điện_thoại="912345678")
    clinic.at(vn(21, 8, 59))
    assert not Enrollment.objects.exists()
    clinic.at(vn(21, 9, 0))
    assert Enrollment.objects.get().due_at == vn(21, 11, 0)
    clinic.at(vn(21, 10, 59))
    assert clinic.channel.sent == []
    clinic.at(vn(21, 11, 0))
    [sent] = clinic.channel.sent
    assert (sent.phone, sent.template_id) == ("84912345678", "7001")
    assert sent.params == {"customer_name": "Nguyễn Thị Hoa", "customer_id": "KH001", "shop_name": "Quận 1"}
    assert clinic.message().state == MessageState.SENT
    assert campaign_sums(clinic.send).closes


def test_a_visit_that_is_not_completed_gets_nothing(clinic: Clinic) -> None:
    clinic.visit(Trạng_thái="Đang điều trị")
    clinic.at(vn(21, 9, 0))
    clinic.at(vn(21, 12, 0))
    assert clinic.channel.sent == []


def test_thirty_daily_runs_write_once(clinic: Clinic) -> None:
    clinic.visit()
    for day in range(30):
        clinic.at(vn(21, 9) + timedelta(days=day))
        clinic.at(vn(21, 12) + timedelta(days=day))
    assert len(clinic.channel.sent) == 1
    assert Occurrence.objects.filter(state=Occurrence.State.RAN).count() == 30


def test_pause_edit_and_reactivation_do_not_write_again(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    activation.pause(campaign=clinic.send, actor=None, now=clinic.clock.now())
    clinic.at(vn(21, 11, 30))
    assert clinic.channel.sent == []
    steps = [step.model_dump() for step in clinic.send.definition.steps]
    clinic.set_definition(clinic.send, steps=[steps[0] | {"minutes": 30}, steps[1]])
    activation.activate(campaign=clinic.send, actor=None, now=clinic.clock.now())
    clinic.tick()
    assert len(clinic.channel.sent) == 1
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 12))
    assert len(clinic.channel.sent) == 1


def test_the_template_used_twice_still_writes_once(clinic: Clinic) -> None:
    entry = library.entry("cham-soc-sau-lieu-trinh")
    assert entry is not None
    group = library.instantiate(workspace=clinic.workspace, entry=entry, actor=None, now=clinic.clock.now())
    second = group.campaigns.select_related("version").get(position=1)
    clinic.set_definition(second, **clinic.send.definition.model_dump())
    assert activation.activate(campaign=second, actor=None, now=clinic.clock.now()) == []
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    assert len(clinic.channel.sent) == 1


def test_a_row_typed_twice_for_one_visit_writes_once_and_says_why(clinic: Clinic) -> None:
    clinic.visit(row_id="một")
    clinic.visit(row_id="hai")
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    assert len(clinic.channel.sent) == 1
    assert Message.objects.get(state=MessageState.SKIPPED).reason_code == "duplicate_visit"
    assert campaign_sums(clinic.send).closes


def test_uncompleted_before_its_time_it_is_cancelled_with_the_reason(clinic: Clinic) -> None:
    record = clinic.visit()
    clinic.at(vn(21, 9))
    mark_status(record=record, status="Hủy", actor="lễ tân", now=clinic.clock.now())
    clinic.at(vn(21, 11))
    assert clinic.channel.sent == []
    enrollment = Enrollment.objects.get()
    assert (enrollment.state, enrollment.reason_code) == ("cancelled", "no_longer_matches")
    assert campaign_sums(clinic.send).closes


def test_a_phone_corrected_while_waiting_gets_the_message(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    factories.make_record(clinic.source, now=clinic.clock.now(), row_id=record.row_id, Số_điện_thoại="0987654321")
    clinic.at(vn(21, 11))
    assert [message.phone for message in clinic.channel.sent] == ["84987654321"]


def test_a_phone_corrected_while_its_message_waits_for_the_morning_gets_it(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, trigger={"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"})
    clinic.clock.moment = vn(20, 20)
    record = clinic.visit(row_id="r")
    clinic.tick()
    clinic.at(vn(20, 22))
    assert clinic.message().due_at == vn(21, 7)
    factories.make_record(clinic.source, now=clinic.clock.now(), row_id=record.row_id, Số_điện_thoại="0987654321")
    clinic.at(vn(21, 7))
    assert [message.phone for message in clinic.channel.sent] == ["84987654321"]
    assert clinic.message().phone == "84987654321"


@pytest.mark.parametrize(("re_entry", "messages"), [("never", 1), ("per_completion", 2)])
def test_completing_again_is_a_new_occasion_only_if_the_admin_allows(
    clinic: Clinic, re_entry: str, messages: int
) -> None:
    clinic.set_definition(clinic.send, re_entry=re_entry)
    record = clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    for status in ("Đang điều trị", "Đã hoàn thành"):
        record.refresh_from_db()
        mark_status(record=record, status=status, actor="lễ tân", now=clinic.clock.now())
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 11))
    assert len(clinic.channel.sent) == messages


def test_on_change_it_is_sent_two_hours_after_the_completion(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, trigger={"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"})
    record = clinic.visit(Trạng_thái="Đang điều trị")
    clinic.at(vn(20, 15))
    mark_status(record=record, status="Đã hoàn thành", actor="lễ tân", now=clinic.clock.now())
    clinic.at(vn(20, 16, 59))
    assert clinic.channel.sent == []
    clinic.at(vn(20, 17))
    assert len(clinic.channel.sent) == 1


def test_webhook_trigger_takes_every_matching_row_once(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, trigger={"kind": "webhook"})
    clinic.visit(row_id="r")
    clinic.tick()
    factories.make_record(clinic.source, now=clinic.clock.now(), row_id="r", Bác_sĩ="Lê Văn Tám")
    clinic.at(vn(20, 16))
    assert len(clinic.channel.sent) == 1


def test_a_run_slept_through_is_kept_as_missed_and_the_newest_one_does_its_work(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(23, 9, 30))
    states = list(Occurrence.objects.order_by("planned_at").values_list("state", flat=True))
    assert states == ["missed", "missed", "ran"]
    clinic.at(vn(23, 11))
    assert len(clinic.channel.sent) == 1


def test_one_jump_past_nine_and_two_hours_sends_at_once(clinic: Clinic) -> None:
    clinic.visit()
    clinic.at(vn(21, 11, 5))
    assert len(clinic.channel.sent) == 1


def test_a_visit_completed_after_a_late_run_still_waits_its_two_hours(clinic: Clinic) -> None:
    clinic.clock.moment = vn(21, 12)
    clinic.visit()
    clinic.tick()
    assert Enrollment.objects.get().due_at == vn(21, 14)


def test_visits_completed_long_before_the_first_activation_are_history(clinic: Clinic) -> None:
    factories.make_record(clinic.source, now=vn(18), Mã_khách_hàng="KH-CŨ")
    clinic.visit()
    clinic.at(vn(21, 9))
    assert Enrollment.objects.count() == 1


def test_several_reminders_are_several_delays_and_sends(clinic: Clinic) -> None:
    send = clinic.send.definition.sends[0].model_dump()
    clinic.set_definition(
        clinic.send,
        steps=[
            {"kind": "delay", "key": "w1", "minutes": 120},
            send | {"key": "s1"},
            {"kind": "delay", "key": "w2", "minutes": 60 * 24 * 3},
            send | {"key": "s2"},
        ],
    )
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    assert len(clinic.channel.sent) == 1
    clinic.at(vn(24, 8, 59))
    assert len(clinic.channel.sent) == 1
    clinic.at(vn(24, 9))
    assert len(clinic.channel.sent) == 2
    assert campaign_sums(clinic.send).closes


def test_an_empty_anchor_date_ends_the_visit_with_its_reason_and_sends_nothing(clinic: Clinic) -> None:
    steps = [step.model_dump() for step in clinic.send.definition.steps]
    clinic.set_definition(clinic.send, steps=[steps[0] | {"anchor": "next_visit_date"}, steps[1]])
    clinic.visit(Ngày_tái_khám="")
    clinic.at(vn(21, 9))
    enrollment = Enrollment.objects.get()
    assert (enrollment.reason_code, enrollment.facts) == ("anchor_missing", {"field": "next_visit_date"})
    assert clinic.channel.sent == []
