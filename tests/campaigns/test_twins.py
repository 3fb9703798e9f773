"""One visit, typed in several rows: one message, whichever row it goes by, whatever happens to the others."""

from __future__ import annotations

from campaigns.models import Message, MessageEvent
from campaigns.sums import campaign_sums
from datahub.models import Record
from tests.campaigns.amending import NEW, ON_DONE, evening, phones, press
from tests.campaigns.story import Clinic, vn


def twins(clinic: Clinic) -> tuple[Record, Record]:
    """One visit typed in two rows; its message waits for the morning."""
    clinic.set_definition(clinic.send, trigger=ON_DONE)
    clinic.clock.moment = vn(20, 20)
    rows = clinic.visit(row_id="một"), clinic.visit(row_id="hai")
    clinic.tick()
    clinic.at(vn(20, 22))
    assert states() == ["scheduled", "skipped"]
    return rows


def states() -> list[str]:
    return list(Message.objects.order_by("id").values_list("state", flat=True))


def test_when_the_row_that_was_to_send_is_cancelled_its_copy_is_sent_and_once_only(clinic: Clinic) -> None:
    first, second = twins(clinic)
    press(clinic, first, Trạng_thái="Hủy")
    clinic.tick()
    assert states() == ["cancelled", "scheduled"]
    assert MessageEvent.objects.filter(message__record=second, reason_code="duplicate_released").exists()
    clinic.at(vn(21, 7))
    press(clinic, first, Trạng_thái="Đã hoàn thành")
    clinic.tick()
    clinic.at(vn(21, 12))
    assert [message.record for message in Message.objects.filter(state="sent")] == [second]
    assert len(phones(clinic)) == 1
    assert campaign_sums(clinic.send).closes


def test_of_several_copies_one_is_freed_and_the_next_only_if_that_one_goes_too(clinic: Clinic) -> None:
    first, second = twins(clinic)
    third = clinic.visit(row_id="ba")
    clinic.tick()
    clinic.at(vn(20, 22, 1))
    for row in (first, second):
        press(clinic, row, Trạng_thái="Hủy")
        clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert [message.record for message in Message.objects.filter(state="sent")] == [third]
    assert len(phones(clinic)) == 1


def test_a_copy_freed_at_the_last_look(clinic: Clinic) -> None:
    """The first row no longer matches only when it is claimed: its event is still to come."""
    first, second = twins(clinic)
    Record.objects.filter(pk=first.pk).update(values=first.values | {"status": "Hủy"})
    clinic.at(vn(21, 7))
    clinic.tick()
    assert [message.record for message in Message.objects.filter(state="sent")] == [second]


def test_a_copy_corrected_into_a_visit_of_its_own_is_written_to(clinic: Clinic) -> None:
    _, second = twins(clinic)
    press(clinic, second, Mã_khách_hàng="KH002", Số_điện_thoại=NEW)
    clinic.tick()
    clinic.at(vn(21, 7))
    assert sorted(phones(clinic)) == ["84912345678", "84987654321"]


def test_a_phone_corrected_in_both_rows_is_still_one_visit(clinic: Clinic) -> None:
    for record in twins(clinic):
        press(clinic, record, Số_điện_thoại=NEW)
        clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert phones(clinic) == ["84987654321"]
    assert campaign_sums(clinic.send).closes


def test_a_row_typed_again_after_the_phone_was_corrected_is_still_one_visit(clinic: Clinic) -> None:
    record = evening(clinic)
    press(clinic, record, Số_điện_thoại=NEW)
    clinic.tick()
    clinic.visit(row_id="hai", Số_điện_thoại=NEW)
    clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert phones(clinic) == ["84987654321"]


def test_a_row_typed_after_the_first_was_cancelled_is_written_to(clinic: Clinic) -> None:
    record = evening(clinic)
    press(clinic, record, Trạng_thái="Hủy")
    clinic.tick()
    clinic.visit(row_id="hai")
    clinic.tick()
    clinic.at(vn(21, 7))
    clinic.at(vn(21, 12))
    assert len(phones(clinic)) == 1
