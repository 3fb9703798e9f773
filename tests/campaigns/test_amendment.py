"""“Cập nhật lại”: what a correction does to a message that waits, that is claimed, that has left."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.explain import planned_notes
from campaigns.models import Enrollment, Message, MessageEvent, QuotaWindow
from campaigns.states import MessageState
from campaigns.sums import campaign_sums
from datahub.models import Record
from datahub.statuses import mark_status
from tests.campaigns.amending import NEW, ON_DONE, OTHER, evening, phones, press
from tests.campaigns.story import Clinic, vn


def note(clinic: Clinic, record: Record) -> str:
    record.refresh_from_db()
    return planned_notes([record], clinic.clock.now())[record.pk]


def anchored(clinic: Clinic, *, minutes: int = 120) -> None:
    """The message goes so long after 09:00 of the day in “Ngày tái khám”, as soon as the visit is done."""
    delay, send = (step.model_dump() for step in clinic.send.definition.steps)
    steps = [delay | {"anchor": "next_visit_date", "minutes": minutes}, send]
    clinic.set_definition(clinic.send, trigger=ON_DONE, steps=steps)


# --- a new revision -----------------------------------------------------------------


def test_a_correction_is_a_new_revision_and_pressing_again_is_none(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    assert press(clinic, record, Số_điện_thoại=NEW).revision == record.revision + 1
    assert press(clinic, record, Số_điện_thoại=NEW).revision == record.revision + 1


def test_a_phone_fixed_five_minutes_before_goes_once_to_the_new_number(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 10, 55))
    press(clinic, record, Số_điện_thoại=NEW)
    clinic.at(vn(21, 10, 56))
    clinic.at(vn(21, 11))
    clinic.at(vn(22, 12))
    assert phones(clinic) == ["84987654321"]


def test_pressed_ten_times_it_is_sent_once(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    for minute in range(50, 60):
        clinic.clock.moment = vn(21, 10, minute)
        press(clinic, record, Số_điện_thoại=NEW if minute % 2 else OTHER)
        clinic.tick()
    clinic.at(vn(21, 11))
    for minute in range(10):
        clinic.clock.moment = vn(21, 11, minute)
        press(clinic, record, Số_điện_thoại=NEW if minute % 2 else OTHER)
        clinic.tick()
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 12))
    assert phones(clinic) == ["84987654321"]
    assert campaign_sums(clinic.send).closes


# --- a message that waits --------------------------------------------------------------


def test_a_waiting_message_shows_the_new_phone_and_name_at_once(clinic: Clinic) -> None:
    record = evening(clinic)
    press(clinic, record, Số_điện_thoại=NEW, Họ_và_tên="Nguyễn Thị Hòa")
    clinic.tick()
    message = clinic.message()
    assert (message.phone, message.params["customer_name"]) == ("84987654321", "Nguyễn Thị Hòa")
    assert (message.state, message.reason_code, message.due_at) == (MessageState.SCHEDULED, "amended", vn(21, 7))
    clinic.at(vn(21, 7))
    assert phones(clinic) == ["84987654321"]


def test_a_correction_that_changes_nothing_of_the_message_leaves_it_alone(clinic: Clinic) -> None:
    record = evening(clinic)
    press(clinic, record, Bác_sĩ="Lê Văn Tám")
    clinic.tick()
    assert clinic.message().reason_code == "quiet_hours"


@pytest.mark.parametrize(("typed", "due"), [("24/11/2026", 24), ("22/11/2026", 22)])
def test_a_day_moved_later_or_earlier_moves_what_waits_for_it(clinic: Clinic, typed: str, due: int) -> None:
    anchored(clinic)
    record = clinic.visit(row_id="r", Ngày_tái_khám="23/11/2026")
    clinic.tick()
    assert Enrollment.objects.get().due_at == vn(23, 11)
    press(clinic, record, Ngày_tái_khám=typed)
    clinic.tick()
    assert Enrollment.objects.get().due_at == vn(due, 11)
    clinic.at(vn(due, 10, 59))
    assert phones(clinic) == []
    clinic.at(vn(due, 11))
    assert len(phones(clinic)) == 1


def test_a_day_moved_while_the_message_waits_for_the_morning_moves_the_message(clinic: Clinic) -> None:
    anchored(clinic, minutes=13 * 60)
    record = clinic.visit(row_id="r", Ngày_tái_khám="21/11/2026")
    clinic.tick()
    clinic.at(vn(21, 22))
    assert clinic.message().due_at == vn(22, 7)
    press(clinic, record, Ngày_tái_khám="24/11/2026")
    clinic.tick()
    assert (clinic.message().due_at, clinic.message().expires_at) == (vn(24, 22), vn(25, 22))
    clinic.at(vn(22, 7))
    assert phones(clinic) == []
    clinic.at(vn(25, 7))
    assert len(phones(clinic)) == 1


def test_a_day_that_is_cleared_ends_the_wait_and_typed_again_resumes_it(clinic: Clinic) -> None:
    anchored(clinic)
    record = clinic.visit(row_id="r", Ngày_tái_khám="23/11/2026")
    clinic.tick()
    press(clinic, record, Ngày_tái_khám="")
    clinic.tick()
    assert Enrollment.objects.get().reason_code == "anchor_missing"
    press(clinic, record, Ngày_tái_khám="24/11/2026")
    clinic.tick()
    enrollment = Enrollment.objects.get()
    assert (enrollment.state, enrollment.due_at) == ("waiting", vn(24, 11))


def test_another_service_takes_the_visit_to_the_campaign_with_that_template(clinic: Clinic) -> None:
    """A template for a service is a campaign with that filter: leaving one is entering the other."""
    wants = {"all": [{"field": "status", "op": "eq", "value": "Đã hoàn thành"}]}
    wants["all"].append({"field": "service", "op": "eq", "value": "Nhổ răng"})
    clinic.set_definition(clinic.send, trigger=ON_DONE, filter=wants)
    record = clinic.visit(row_id="r", Dịch_vụ="Nhổ răng")
    clinic.tick()
    press(clinic, record, Dịch_vụ="Lấy cao răng")
    clinic.tick()
    assert Enrollment.objects.get().reason_code == "no_longer_matches"
    press(clinic, record, Dịch_vụ="Nhổ răng")
    clinic.tick()
    clinic.at(vn(20, 16))
    assert len(phones(clinic)) == 1


# --- a message that is claimed, or has left ------------------------------------------------


def test_corrected_between_the_claim_and_the_send_it_gives_its_place_back_and_goes_to_the_new_number(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    from campaigns import dispatch

    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    clinic.clock.moment = vn(21, 11)
    claim = dispatch.claim
    used: list[int] = []

    def slow_claim(**named: Any) -> Any:
        claimed = claim(**named)
        if not used:
            used.append(sum(QuotaWindow.objects.values_list("used", flat=True)))
            press(clinic, record, Số_điện_thoại=NEW)
        return claimed

    monkeypatch.setattr(dispatch, "claim", slow_claim)
    clinic.tick()
    clinic.tick()
    assert phones(clinic) == ["84987654321"]
    assert used[0] > 0
    assert sum(QuotaWindow.objects.values_list("used", flat=True)) == used[0]
    reasons = list(MessageEvent.objects.order_by("id").values_list("reason_code", flat=True))
    assert "handed_back" in reasons


def test_what_was_sent_says_to_whom_and_is_not_sent_again(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11, 2))
    assert note(clinic, record) == "Đã gửi tin 11:02 21/11"
    press(clinic, record, Số_điện_thoại=NEW)
    clinic.tick()
    assert note(clinic, record) == "Tin đã gửi 11:02 21/11 tới số cũ 0912 *** 678; không gửi lại"
    clinic.at(vn(22, 12))
    assert len(phones(clinic)) == 1


# --- un-completed, and completed again ---------------------------------------------------------


def test_a_visit_un_completed_is_out_at_once_and_its_row_says_so_even_before(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    press(clinic, record, Trạng_thái="Hủy")
    assert note(clinic, record) == "Không gửi tin: Lượt khám không còn đúng điều kiện lọc của chiến dịch."
    clinic.at(vn(21, 9, 1))
    assert Enrollment.objects.get().reason_code == "no_longer_matches"
    assert note(clinic, record).startswith("Chưa gửi tin: gửi sau khi Trạng thái là Đã hoàn thành")


def test_a_waiting_message_of_a_visit_un_completed_is_cancelled_with_the_reason(clinic: Clinic) -> None:
    record = evening(clinic)
    mark_status(record=record, status="Hủy", actor="lễ tân", now=clinic.clock.now())
    assert note(clinic, record) == "Không gửi tin: Lượt khám không còn đúng điều kiện lọc của chiến dịch."
    clinic.tick()
    assert (clinic.message().state, clinic.message().reason_code) == ("cancelled", "no_longer_matches")
    clinic.at(vn(21, 7))
    assert phones(clinic) == []
    assert campaign_sums(clinic.send).closes


@pytest.mark.parametrize("re_entry", ["never", "per_completion"])
def test_set_back_by_a_slip_it_is_written_to_once_whatever_the_rule(clinic: Clinic, re_entry: str) -> None:
    clinic.set_definition(clinic.send, re_entry=re_entry)
    record = evening(clinic)
    for status in ("Hủy", "Đã hoàn thành"):
        record.refresh_from_db()
        mark_status(record=record, status=status, actor="lễ tân", now=clinic.clock.now())
        clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert len(phones(clinic)) == 1
    assert campaign_sums(clinic.send).closes


def test_set_back_and_completed_again_before_its_time_it_waits_its_whole_delay(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    press(clinic, record, Trạng_thái="Đang điều trị")
    clinic.at(vn(21, 9, 30))
    press(clinic, record, Trạng_thái="Đã hoàn thành")
    clinic.tick()
    assert Enrollment.objects.get().due_at == vn(21, 11, 30)
    clinic.at(vn(21, 11, 30))
    clinic.at(vn(22, 12))
    assert len(phones(clinic)) == 1


def test_a_later_reminder_comes_back_too_and_the_first_is_not_said_twice(clinic: Clinic) -> None:
    delay, send = (step.model_dump() for step in clinic.send.definition.steps)
    later = [delay | {"key": "w2", "minutes": 3 * 1440}, send | {"key": "s2"}]
    clinic.set_definition(clinic.send, steps=[delay, send, *later])
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    press(clinic, record, Trạng_thái="Hủy")
    clinic.at(vn(22, 8))
    press(clinic, record, Trạng_thái="Đã hoàn thành")
    clinic.at(vn(22, 8, 1))
    clinic.at(vn(22, 12))
    assert len(phones(clinic)) == 1
    clinic.at(vn(25, 8, 1))
    assert len(phones(clinic)) == 2
    assert campaign_sums(clinic.send).closes


def test_many_corrections_ask_no_more_than_one(clinic: Clinic, django_assert_num_queries: Any) -> None:
    from campaigns import enrollment

    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.clock.moment = vn(20, 20)
    records = [clinic.visit(row_id=f"r{n}", Mã_khách_hàng=f"K{n}") for n in range(30)]
    clinic.tick()
    clinic.at(vn(20, 22))
    asked = []
    for some in (records[:1], records[1:]):
        for record in some:
            press(clinic, record, Mã_khách_hàng=record.values["customer_id"], Số_điện_thoại=NEW)
        with django_assert_num_queries(16, exact=False) as told:
            enrollment.enroll_from_events(now=clinic.clock.now(), limit=100)
        asked.append(len(told))
    assert asked[0] == asked[1]
    assert set(Message.objects.values_list("phone", flat=True)) == {"84987654321"}
