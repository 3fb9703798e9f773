"""What a person does to the Data Hub."""

from datetime import timedelta

import pytest

from datahub.fields import FieldError
from datahub.models import Field, Record, RecordEvent, Source
from datahub.sources import close_source, open_source
from datahub.statuses import mark_status
from datahub.tables import create_dataset, schema_of
from tests.factories import NOW, make_record, make_source

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=3)


def test_completing_by_hand_is_the_same_as_completing_in_the_sheet(source):
    record = make_record(source, Trạng_thái="Đặt lịch")
    marked = mark_status(record=record, status="đã hoàn thành", actor="Lan", now=LATER)
    assert marked is record
    assert (record.status, record.values["status"]) == ("Đã hoàn thành", "Đã hoàn thành")
    assert (record.completed_at, record.completions, record.revision, record.updated_at) == (LATER, 1, 2, LATER)
    event = record.events.latest("id")
    assert (event.kind, event.actor, event.at, event.handled_at) == ("updated", "Lan", LATER, None)
    assert event.changes == {"status": ["Đặt lịch", "Đã hoàn thành"]}


def test_taking_it_back_uncompletes(source):
    record = make_record(source)
    mark_status(record=record, status="", actor="Lan", now=LATER)
    assert (record.status, record.completed_at, record.completions) == ("", None, 1)
    assert "status" not in record.values


def test_the_same_status_again_changes_nothing(source):
    record = make_record(source)
    assert mark_status(record=record, status="Đã hoàn thành", actor="Lan", now=LATER) is record
    assert (record.revision, RecordEvent.objects.count()) == (1, 1)


def test_an_unknown_status_is_an_error_and_changes_nothing(source):
    record = make_record(source)
    outcome = mark_status(record=record, status="da hoan thanh", actor="Lan", now=LATER)
    assert isinstance(outcome, FieldError)
    assert outcome.suggestion == "Đã hoàn thành"
    assert Record.objects.get().revision == 1


def test_a_page_that_is_out_of_date_does_not_undo_the_sheet(source):
    stale = make_record(source, row_id="a", Trạng_thái="Đặt lịch")
    make_record(source, row_id="a", Trạng_thái="Đặt lịch", Số_điện_thoại="0987654321")
    mark_status(record=stale, status="Đã hoàn thành", actor="Lan", now=LATER)
    record = Record.objects.get()
    assert (record.phone, record.values["phone"], record.status) == ("84987654321", "84987654321", "Đã hoàn thành")
    assert (record.revision, stale.phone) == (3, "84987654321")


def test_a_table_without_the_columns_of_a_visit_is_refused(workspace):
    with pytest.raises(ValueError, match="customer_id"):
        create_dataset(workspace=workspace, name="Bảng", fields=[{"key": "phone", "label": "SĐT", "required": True}])


def test_the_schema_never_promises_more_than_the_columns_hold(dataset):
    Field.objects.filter(dataset=dataset).update(max_length=30_000)
    lengths = {spec.key: spec.max_length for spec in schema_of(dataset).fields}
    assert (lengths["customer_id"], lengths["customer_name"], lengths["status"]) == (80, 200, 60)
    assert max(lengths.values()) == 2000


def test_the_reference_schema_reads_in_the_sheets_order(dataset):
    assert [spec.key for spec in schema_of(dataset).fields] == [
        "customer_id", "customer_name", "phone", "service", "visit_date", "doctor", "shop_name", "next_visit_date",
        "status",
    ]  # fmt: skip


def test_a_source_is_closed_until_it_is_opened(dataset):
    source = make_source(dataset, is_open=False)
    is_open = []
    for step in (lambda source: source, open_source, close_source):
        step(source=source)
        is_open.append(Source.objects.get().is_open)
    assert is_open == [False, True, False]


def test_search_finds_by_code_name_without_marks_and_phone(source):
    record = make_record(source)
    make_record(source, Mã_khách_hàng="KH777", Họ_và_tên="Trần Văn Đạt", Số_điện_thoại="0987654321")
    for text in ("kh001", "NGUYEN THI", "Hoa", "0912 345", "+84 912", "  "):
        assert record in Record.objects.search(text)
    assert record not in Record.objects.search("dat")
