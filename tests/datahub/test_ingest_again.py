"""Rows that come a second time: repeated, changed, completed, copied."""

from datetime import timedelta

import pytest

from datahub.ingest import Reused
from datahub.models import Batch, Customer, Record, RecordEvent, SheetRow
from datahub.statuses import mark_status
from tests.datahub.posting import everything, post, send
from tests.factories import NOW, make_dataset, make_source, make_workspace, sheet_batch, sheet_row, visit

pytestmark = pytest.mark.django_db


# --- repeats ----------------------------------------------------------------------


def test_the_same_batch_again_gets_the_same_bytes_and_changes_nothing(source):
    body = sheet_batch(sheet_row(visit()), batch_id="b1")
    first = send(source, body)
    before = everything()
    again = send(source, body, now=NOW + timedelta(hours=1), annotate=lambda records, now: {1: "khác"})
    assert again == first
    assert everything() == before
    assert Batch.objects.count() == 1


def test_a_batch_id_with_another_body_is_a_conflict_and_changes_nothing(source):
    send(source, sheet_batch(sheet_row(visit()), batch_id="b1"))
    before = everything()
    assert isinstance(send(source, sheet_batch(sheet_row(visit(Dịch_vụ="Khác")), batch_id="b1")), Reused)
    assert everything() == before


def test_two_sheets_may_use_the_same_batch_and_row_ids(source):
    other = make_source(source.dataset)
    post(source, sheet_row(visit()), batch_id="b1")
    post(other, sheet_row(visit()), batch_id="b1")
    assert Record.objects.count() == 2
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("request_", ["Đã gửi", "Cập nhật lại"])
def test_the_same_row_in_another_batch_is_answered_the_same_and_changes_nothing(source, request_):
    first = post(source, sheet_row(visit()))
    before = everything()
    assert post(source, sheet_row(visit(), request=request_), now=NOW + timedelta(hours=1)) == first
    assert everything() == before


def test_a_row_that_was_sorted_is_the_same_row_at_another_place(source):
    post(source, sheet_row(visit(), number=17))
    (result,) = post(source, sheet_row(visit(), number=3), now=NOW + timedelta(hours=1))
    assert (result["row_number"], result["accepted"]) == (3, True)
    assert SheetRow.objects.get().row_number == 3
    assert (Record.objects.get().revision, RecordEvent.objects.count()) == (1, 1)


def test_a_repeat_does_not_undo_what_the_data_hub_page_did(source):
    row = sheet_row(visit(Trạng_thái="Đặt lịch"))
    post(source, row)
    mark_status(record=Record.objects.get(), status="Đã hoàn thành", actor="Lan", now=NOW)
    post(source, row, now=NOW + timedelta(hours=1))
    assert Record.objects.get().status == "Đã hoàn thành"


def test_a_status_set_by_hand_stands_until_the_sheets_own_status_changes(source):
    post(source, sheet_row(visit(Trạng_thái="Đặt lịch")))
    record = Record.objects.get()
    mark_status(record=record, status="Đã hoàn thành", actor="Lan", now=NOW)
    post(source, sheet_row(visit(Trạng_thái="Đặt lịch", Bác_sĩ="Khác")))
    post(source, sheet_row(visit(Trạng_thái="Đặt lịch", Số_điện_thoại="sai")))
    post(source, sheet_row(visit(Trạng_thái="Đặt lịch", Bác_sĩ="Khác nữa")))
    record.refresh_from_db()
    assert (record.status, record.values["doctor"], record.completed_at) == ("Đã hoàn thành", "Khác nữa", NOW)
    post(source, sheet_row(visit(Trạng_thái="Hủy", Bác_sĩ="Khác nữa")))
    record.refresh_from_db()
    assert (record.status, record.completed_at) == ("Hủy", None)


def test_a_row_whose_record_was_deleted_makes_a_new_one(source):
    post(source, sheet_row(visit()))
    Record.objects.all().delete()
    assert post(source, sheet_row(visit()))[0]["accepted"]
    assert Record.objects.count() == 1


# --- changes ----------------------------------------------------------------------


def test_a_change_is_an_event_and_a_new_revision(source):
    post(source, sheet_row(visit()))
    later = NOW + timedelta(hours=1)
    post(source, sheet_row(visit(Số_điện_thoại="0987654321", Bác_sĩ=""), number=9), now=later)
    record, event = Record.objects.get(), RecordEvent.objects.latest("id")
    assert (record.phone, record.revision, record.updated_at, record.created_at) == ("84987654321", 2, later, NOW)
    assert event.kind == "updated"
    assert event.changes == {"phone": ["84912345678", "84987654321"], "doctor": ["Trần Văn Nam", ""]}
    assert "doctor" not in record.values
    assert list(Record.objects.search("0987 654")) == [record]


def test_a_column_the_sheet_lacks_leaves_what_is_known(source):
    values = visit()
    del values["Trạng thái"]
    post(source, sheet_row(values))
    mark_status(record=Record.objects.get(), status="Đã hoàn thành", actor="Lan", now=NOW)
    post(source, sheet_row(values | {"Bác sĩ": "Khác"}))
    assert Record.objects.get().status == "Đã hoàn thành"


def test_completing_uncompleting_and_completing_again(source):
    moments = [NOW + timedelta(hours=hour) for hour in range(4)]
    seen = []
    for moment, status in zip(moments, ["Đặt lịch", "đã hoàn thành", "Đang điều trị", "Đã hoàn thành"], strict=True):
        post(source, sheet_row(visit(Trạng_thái=status)), now=moment)
        record = Record.objects.get()
        seen.append((record.completed_at, record.completions))
    assert seen == [(None, 0), (moments[1], 1), (None, 1), (moments[3], 2)]


def test_the_same_status_in_other_letters_does_not_complete_a_visit_again(source):
    source.dataset.fields.filter(key="status").update(type="text")
    post(source, sheet_row(visit(Trạng_thái="đã hoàn thành")))
    post(source, sheet_row(visit(Trạng_thái="ĐÃ HOÀN THÀNH")), now=NOW + timedelta(hours=1))
    record = Record.objects.get()
    assert (record.status, record.completed_at, record.completions) == ("ĐÃ HOÀN THÀNH", NOW, 1)


def test_another_change_of_a_done_visit_does_not_complete_it_again(source):
    post(source, sheet_row(visit()))
    post(source, sheet_row(visit(Bác_sĩ="Khác")), now=NOW + timedelta(hours=1))
    record = Record.objects.get()
    assert (record.completed_at, record.completions) == (NOW, 1)


def test_a_customer_is_who_the_latest_row_says(source):
    post(
        source,
        sheet_row(visit(Số_điện_thoại="0987654321"), row_id="a"),
        sheet_row(visit(Mã_khách_hàng="kh001", Họ_và_tên="Nguyễn Hoa", Dịch_vụ="Khác"), row_id="b"),
    )
    customer = Customer.objects.get()
    assert (customer.code, customer.name, customer.phone) == ("KH001", "Nguyễn Hoa", "84912345678")
    assert customer.records.count() == 2
    later = NOW + timedelta(hours=1)
    post(source, sheet_row(visit(Họ_và_tên="Nguyễn Thị Hoa Mai"), row_id="c"), now=later)
    customer.refresh_from_db()
    assert (customer.name, customer.updated_at) == ("Nguyễn Thị Hoa Mai", later)


def test_a_family_may_share_a_phone(source):
    post(source, sheet_row(visit(), row_id="a"), sheet_row(visit(Mã_khách_hàng="KH002"), row_id="b"))
    assert Customer.objects.count() == 2


def test_another_clinics_customer_with_the_same_code_is_somebody_else(source):
    other = make_source(make_dataset(make_workspace("Phòng khám khác")))
    post(source, sheet_row(visit()))
    post(other, sheet_row(visit(Họ_và_tên="Trần Thị Mai")))
    assert Customer.objects.get(workspace=source.workspace).name == "Nguyễn Thị Hoa"
    assert Record.objects.get(source=other).customer.workspace == other.workspace


# --- copied rows ------------------------------------------------------------------


def test_of_two_rows_with_one_id_the_first_counts_and_the_second_hears_of_it(source):
    copy = visit(Mã_khách_hàng="KH002", Số_điện_thoại="0987654321")
    first, second = post(source, sheet_row(visit(), row_id="a", number=17), sheet_row(copy, row_id="a", number=18))
    assert (first["accepted"], second["accepted"], second["row_number"]) == (True, False, 18)
    assert second["errors"][0]["code"] == "row.copied_id"
    assert "dòng 17" in second["status"]
    assert Record.objects.get().values["customer_id"] == "KH001"
    assert SheetRow.objects.get().accepted


def test_a_copy_filled_in_for_another_patient_later_does_not_overwrite_the_first(source):
    post(source, sheet_row(visit(), row_id="a", number=17))
    before = everything()
    copy = visit(Mã_khách_hàng="KH002", Họ_và_tên="Trần Thị Mai", Số_điện_thoại="0987654321")
    (result,) = post(source, sheet_row(copy, row_id="a", number=18))
    assert result["errors"][0]["code"] == "row.copied_id"
    assert "dòng 17" in result["status"]
    assert everything() == before


@pytest.mark.parametrize(
    ("number", "corrected"),
    [
        (17, {"Mã_khách_hàng": "KH002", "Số_điện_thoại": "0987654321"}),
        (18, {"Số_điện_thoại": "0987654321"}),
        (18, {"Mã_khách_hàng": "KH002"}),
    ],
)
def test_a_correction_is_not_mistaken_for_a_copy(source, number, corrected):
    post(source, sheet_row(visit(), row_id="a", number=17))
    assert post(source, sheet_row(visit(**corrected), row_id="a", number=number))[0]["accepted"]
    assert Record.objects.get().revision == 2
