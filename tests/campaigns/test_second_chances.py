"""What comes back to be sent: never twice for one visit, never before its day, never what a vendor was told of."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns import dispatch, enrollment
from campaigns.models import Enrollment, Message, MessageEvent, QuotaWindow
from campaigns.reasons import Reason
from campaigns.release import release
from campaigns.sums import campaign_sums
from datahub.models import Record
from integrations.base import NotNow, Reopens, Scope
from tests.campaigns.amending import NEW, ON_DONE, evening, phones, press
from tests.campaigns.story import PHONE, Clinic, vn

DONE, SLIP = "Đã hoàn thành", "Hủy"


def busy() -> NotNow:
    return NotNow(Reason.VENDOR_BUSY, Scope.WINDOW, Reopens.MORNING, {})


def twins(clinic: Clinic, **second: str) -> tuple[Record, Record]:
    """One visit typed in two rows; its message waits for the morning."""
    first = evening(clinic)
    again = clinic.visit(row_id="hai", **second)
    clinic.clock.moment = vn(21, 0)
    clinic.tick()
    assert states() == ["scheduled", "skipped"]
    return first, again


def states() -> list[str]:
    return list(Message.objects.order_by("id").values_list("state", flat=True))


# --- what a vendor was told of ---------------------------------------------------


def test_a_message_that_zalo_was_told_of_gives_its_occasion_to_nobody(clinic: Clinic) -> None:
    first, _ = twins(clinic)
    key = Message.objects.earliest("id").dedupe_key
    clinic.channel.tell(PHONE, busy())
    clinic.at(vn(21, 7))
    assert (len(phones(clinic)), Message.objects.earliest("id").attempts) == (1, 0)
    press(clinic, first, Trạng_thái=SLIP)
    clinic.tick()
    clinic.at(vn(22, 7))
    assert Message.objects.earliest("id").dedupe_key == key
    assert states() == ["cancelled", "skipped"]
    assert len(phones(clinic)) == 1


def test_a_message_that_zalo_was_told_of_does_not_come_back(clinic: Clinic) -> None:
    record = evening(clinic)
    clinic.channel.tell(PHONE, busy())
    clinic.at(vn(21, 7))
    for status in (SLIP, DONE):
        press(clinic, record, Trạng_thái=status)
        clinic.tick()
    clinic.at(vn(22, 7))
    assert (states(), len(phones(clinic))) == (["cancelled"], 1)


def test_a_copy_corrected_like_the_row_that_was_sent_is_that_visit_still(clinic: Clinic) -> None:
    first, second = twins(clinic)
    clinic.at(vn(21, 7))
    for row in (first, second):
        press(clinic, row, Số_điện_thoại=NEW)
        clinic.tick()
    clinic.at(vn(21, 12))
    assert phones(clinic) == [PHONE]


def test_a_row_typed_like_one_corrected_after_it_was_sent_is_that_visit_still(clinic: Clinic) -> None:
    first = evening(clinic)
    clinic.at(vn(21, 7))
    press(clinic, first, Số_điện_thoại=NEW)
    clinic.tick()
    clinic.visit(row_id="hai", Số_điện_thoại=NEW)
    clinic.tick()
    clinic.at(vn(21, 12))
    assert phones(clinic) == [PHONE]
    assert campaign_sums(clinic.send).closes


# --- whose turn it is --------------------------------------------------------------


def anchored(clinic: Clinic) -> None:
    """The message goes thirteen hours after 09:00 of “Ngày tái khám”."""
    delay, send = (step.model_dump() for step in clinic.send.definition.steps)
    steps = [delay | {"anchor": "next_visit_date", "minutes": 13 * 60}, send]
    clinic.set_definition(clinic.send, trigger=ON_DONE, steps=steps)


def test_a_copy_set_free_waits_for_its_own_day(clinic: Clinic) -> None:
    anchored(clinic)
    first, second = (clinic.visit(row_id=row, Ngày_tái_khám="21/11/2026") for row in ("một", "hai"))
    clinic.tick()
    clinic.at(vn(21, 22))
    assert states() == ["scheduled", "skipped"]
    press(clinic, second, Ngày_tái_khám="24/11/2026")
    clinic.tick()
    press(clinic, first, Ngày_tái_khám="21/11/2026", Trạng_thái=SLIP)
    clinic.tick()
    clinic.at(vn(22, 7))
    assert phones(clinic) == []
    clinic.at(vn(25, 7))
    assert len(phones(clinic)) == 1


def test_a_copy_of_an_earlier_completion_is_not_set_free(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, re_entry="per_completion")
    first, second = twins(clinic)
    for status in (SLIP, DONE):
        press(clinic, second, Trạng_thái=status)
        clinic.tick()
    press(clinic, first, Trạng_thái=SLIP)
    clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert len(phones(clinic)) == 1
    assert campaign_sums(clinic.send).closes


def test_a_copy_that_stood_back_twice_is_still_there_to_take_over(clinic: Clinic) -> None:
    first, second = twins(clinic)
    for row, status in ((first, SLIP), (second, SLIP), (first, DONE), (second, DONE)):
        press(clinic, row, Trạng_thái=status)
        clinic.tick()
    assert [each.reason_code for each in Message.objects.order_by("id")] == ["quiet_hours", "duplicate_visit"]
    press(clinic, first, Trạng_thái=SLIP)
    clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert [message.record for message in Message.objects.filter(state="sent")] == [second]
    assert campaign_sums(clinic.send).closes


def test_a_copy_of_a_row_that_is_taken_out_with_its_file_is_written_to(clinic: Clinic) -> None:
    first, second = twins(clinic)
    assert release([first.pk], clinic.clock.now()) == set()
    first.delete()
    clinic.at(vn(21, 7))
    assert [message.record for message in Message.objects.filter(state="sent")] == [second]


def test_a_visit_that_zalo_was_told_of_stays_when_its_file_is_taken_out(clinic: Clinic) -> None:
    first = evening(clinic)
    clinic.channel.tell(PHONE, busy())
    clinic.at(vn(21, 7))
    assert release([first.pk], clinic.clock.now()) == {first.pk}
    assert states() == ["scheduled"]


# --- completed again before anybody looked ---------------------------------------------


@pytest.mark.parametrize("times", [1, 10])
def test_completed_again_before_the_engine_looks_it_is_written_to_once(clinic: Clinic, times: int) -> None:
    clinic.set_definition(clinic.send, re_entry="per_completion")
    record = evening(clinic)
    for _ in range(times):
        for status in (SLIP, DONE):
            press(clinic, record, Trạng_thái=status)
    clinic.tick()
    clinic.at(vn(21, 0, 30))
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert len(phones(clinic)) == 1
    assert campaign_sums(clinic.send).closes


def test_a_visit_that_waits_and_is_completed_again_before_the_engine_looks_is_written_to_once(clinic: Clinic) -> None:
    clinic.set_definition(clinic.send, re_entry="per_completion")
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    for status in (SLIP, DONE):
        press(clinic, record, Trạng_thái=status)
    clinic.tick()
    clinic.at(vn(21, 12))
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 12))
    assert len(phones(clinic)) == 1
    assert campaign_sums(clinic.send).closes


# --- corrected while it was somebody's ---------------------------------------------------


def test_a_day_moved_while_the_message_is_claimed_is_heeded_when_it_is_handed_back(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchored(clinic)
    record = clinic.visit(row_id="r", Ngày_tái_khám="21/11/2026")
    clinic.tick()
    clinic.at(vn(21, 22))
    claim = dispatch.claim
    pressed: list[Record] = []

    def slow_claim(**named: Any) -> Any:
        claimed = claim(**named)
        if claimed[1] and not pressed:
            pressed.append(press(clinic, record, Ngày_tái_khám="24/11/2026"))
            # Another worker hears of it while the message is ours.
            enrollment.enroll_from_events(now=clinic.clock.now(), limit=10)
        return claimed

    monkeypatch.setattr(dispatch, "claim", slow_claim)
    clinic.at(vn(22, 7))
    clinic.at(vn(22, 8))
    assert (len(pressed), phones(clinic)) == (1, [])
    assert clinic.message().due_at == vn(24, 22)
    assert sum(QuotaWindow.objects.values_list("used", flat=True)) == 0
    clinic.at(vn(25, 7))
    assert len(phones(clinic)) == 1


def test_a_day_cleared_while_zalo_is_asked_is_heeded_when_it_says_not_now(clinic: Clinic) -> None:
    anchored(clinic)
    record = clinic.visit(row_id="r", Ngày_tái_khám="21/11/2026")
    clinic.tick()
    clinic.at(vn(21, 22))

    def cleared() -> None:
        clinic.channel.before_answer = None
        press(clinic, record, Ngày_tái_khám="")
        enrollment.enroll_from_events(now=clinic.clock.now(), limit=10)

    clinic.channel.before_answer = cleared
    clinic.channel.tell(PHONE, NotNow(Reason.VENDOR_BUSY, Scope.WINDOW, Reopens.SOON, {}))
    clinic.at(vn(22, 7))
    clinic.at(vn(22, 8))
    assert len(phones(clinic)) == 1
    assert (clinic.message().state, clinic.message().reason_code) == ("cancelled", "anchor_missing")


def test_a_message_too_late_when_it_comes_back_says_so(clinic: Clinic) -> None:
    record = evening(clinic)
    press(clinic, record, Trạng_thái=SLIP)
    clinic.tick()
    clinic.at(vn(24, 8))
    press(clinic, record, Trạng_thái=DONE)
    clinic.tick()
    assert (clinic.message().state, clinic.message().reason_code) == ("skipped", "too_late")
    assert phones(clinic) == []


# --- old visits, and rows that cannot be read ----------------------------------------------


def test_a_visit_that_became_history_does_not_come_back(clinic: Clinic) -> None:
    """As one whose patient was erased and let in again: decision 0014."""
    record = evening(clinic)
    press(clinic, record, Trạng_thái=SLIP)
    clinic.tick()
    Record.objects.filter(pk=record.pk).update(is_history=True)
    press(clinic, record, Trạng_thái=DONE)
    clinic.tick()
    clinic.at(vn(21, 7))
    assert (states(), phones(clinic)) == (["cancelled"], [])


def test_a_waiting_visit_that_became_history_does_not_come_back(clinic: Clinic) -> None:
    record = clinic.visit(row_id="r")
    clinic.at(vn(21, 9))
    press(clinic, record, Trạng_thái=SLIP)
    clinic.tick()
    Record.objects.filter(pk=record.pk).update(is_history=True)
    press(clinic, record, Trạng_thái=DONE)
    clinic.at(vn(21, 12))
    assert (Enrollment.objects.get().state, phones(clinic)) == ("cancelled", [])


def test_a_message_that_cannot_be_planned_does_not_stop_the_street(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    record = evening(clinic)
    Message.objects.update(step="gone")
    press(clinic, record, Số_điện_thoại=NEW)
    clinic.visit(row_id="hai", Mã_khách_hàng="K2")
    clinic.tick()
    assert Enrollment.objects.filter(record__row_id="hai").exists()
    assert "could not be" in caplog.text


def test_every_way_back_is_told(clinic: Clinic) -> None:
    first, second = twins(clinic)
    press(clinic, first, Trạng_thái=SLIP)
    clinic.tick()
    told = MessageEvent.objects.filter(message__record=second).order_by("id")
    assert [(each.from_state, each.to_state, each.reason_code) for each in told][:2] == [
        ("", "skipped", "duplicate_visit"),
        ("skipped", "scheduled", "duplicate_released"),
    ]
