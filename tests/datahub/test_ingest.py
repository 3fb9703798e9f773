"""What becomes of a batch's rows in the tables."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datahub.ingest import Answered, Closed, ingest
from datahub.models import Batch, Customer, Record, RecordEvent, SheetRow
from datahub.sources import close_source
from integrations.google_sheets.protocol import SheetBatch, parse
from tests.datahub.posting import everything, note_row_ids, post, send
from tests.factories import NOW, make_field, make_source, sheet_batch, sheet_row, visit

pytestmark = pytest.mark.django_db


# --- a right row ------------------------------------------------------------------


def test_a_right_row_becomes_a_customer_a_record_an_event_and_a_verdict(source):
    results = post(source, sheet_row(visit(Số_điện_thoại="912345678"), row_id="5f0c", number=17))
    assert results == [
        {"row_id": "5f0c", "row_number": 17, "accepted": True, "status": "Đã gửi", "errors": [], "note": "ghi chú 5f0c"}
    ]
    customer, record, event, verdict = (
        Customer.objects.get(),
        Record.objects.get(),
        RecordEvent.objects.get(),
        SheetRow.objects.get(),
    )
    assert (customer.workspace, customer.code, customer.name) == (source.workspace, "KH001", "Nguyễn Thị Hoa")
    assert customer.phone == record.phone == record.values["phone"] == "84912345678"
    assert (record.customer, record.dataset, record.source) == (customer, source.dataset, source)
    assert (record.status, record.values["status"]) == ("Đã hoàn thành", "Đã hoàn thành")
    assert (record.completed_at, record.completions, record.revision) == (NOW, 1, 1)
    assert (record.created_at, record.updated_at) == (NOW, NOW)
    assert record.values["visit_date"] == "2026-11-21"
    assert (event.record, event.kind, event.actor, event.at) == (record, "created", source.name, NOW)
    assert event.changes["status"] == ["", "Đã hoàn thành"]
    assert event.handled_at is None
    assert (verdict.record, verdict.accepted, verdict.status, verdict.row_number) == (record, True, "Đã gửi", 17)
    assert (verdict.errors, verdict.values, verdict.seen_at) == ([], {}, NOW)


def test_a_visit_that_is_not_done_is_not_completed(source):
    post(source, sheet_row(visit(Trạng_thái="Đặt lịch")))
    record = Record.objects.get()
    assert (record.completed_at, record.completions) == (None, 0)


def test_a_column_of_the_clinics_own_is_stored_once_it_is_in_the_schema(source):
    row = sheet_row(visit(Ghi_chú="khách quen"))
    post(source, row)
    assert "khách quen" not in Record.objects.get().values.values()
    make_field(source.dataset, "Ghi chú")
    post(source, row)
    assert Record.objects.get().values["ghi_chu"] == "khách quen"


def test_the_note_is_empty_where_nothing_is_known(source):
    assert post(source, sheet_row(visit()), annotate=lambda records, now: {})[0]["note"] == ""


def test_an_empty_batch_is_answered_with_nothing(source):
    assert post(source) == []


# --- a wrong row ------------------------------------------------------------------


def test_a_wrong_row_is_not_stored_and_does_not_block_its_neighbours(source):
    rows = [
        sheet_row(visit(), row_id="a", number=2),
        sheet_row(visit(Số_điện_thoại="09123"), row_id="b", number=3),
        sheet_row(visit(Mã_khách_hàng="KH002"), row_id="c", number=4),
    ]
    results = post(source, *rows)
    assert [result["accepted"] for result in results] == [True, False, True]
    assert results[1]["status"] == "Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"
    assert results[1]["note"] == ""
    assert results[1]["errors"] == [
        {
            "column": "Số điện thoại",
            "code": "phone.too_short",
            "message": "“09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678",
            "suggestion": None,
        }
    ]
    assert set(Record.objects.values_list("row_id", flat=True)) == {"a", "c"}
    verdict = SheetRow.objects.get(row_id="b")
    assert (verdict.accepted, verdict.record, verdict.status) == (False, None, results[1]["status"])
    assert verdict.values["Số điện thoại"] == "09123"
    assert verdict.errors == results[1]["errors"]


def test_a_row_that_is_mended_is_taken_in(source):
    post(source, sheet_row(visit(Số_điện_thoại="09123")))
    (result,) = post(source, sheet_row(visit(), request="Cập nhật lại"))
    assert result["accepted"]
    verdict = SheetRow.objects.get()
    assert (verdict.accepted, verdict.errors, verdict.values) == (True, [], {})
    assert verdict.record == Record.objects.get()


def test_a_right_row_that_becomes_wrong_keeps_its_old_values_and_says_so(source):
    post(source, sheet_row(visit()))
    (result,) = post(source, sheet_row(visit(Số_điện_thoại="09123")), now=NOW + timedelta(hours=1))
    assert not result["accepted"]
    assert result["status"].endswith("; Data Hub giữ dữ liệu đã nhận trước đó của dòng này")
    record = Record.objects.get()
    assert (record.phone, record.revision) == ("84912345678", 1)
    assert SheetRow.objects.get().record == record
    # Typed back as it was: right again, and still nothing has changed.
    assert post(source, sheet_row(visit()))[0]["accepted"]
    assert (Record.objects.get().revision, RecordEvent.objects.count()) == (1, 1)


def test_a_wrong_row_with_strange_characters_is_remembered(source):
    values = visit(Số_điện_thoại="\x00\ud800abc", Ghi_chú="\x00" + "x" * 5000) | {"\x00\ud800": "?"}
    body = sheet_batch(sheet_row(values))
    raw = json.dumps(body).encode()
    batch = parse(raw)
    assert isinstance(batch, SheetBatch)
    assert isinstance(ingest(source=source, batch=batch, body=raw, now=NOW, annotate=note_row_ids), Answered)
    assert SheetRow.objects.get().values["Số điện thoại"] == "abc"


def test_a_cell_status_longer_than_its_column_is_cut(source):
    for n in range(12):
        make_field(source.dataset, f"Cột bắt buộc thứ {n} có tên khá dài", required=True)
    (result,) = post(source, sheet_row({}))
    assert len(result["status"]) == 600
    assert len(result["errors"]) == 15


# --- the whole batch --------------------------------------------------------------


def test_a_closed_source_takes_nothing(source):
    close_source(source=source)
    assert isinstance(send(source, sheet_batch(sheet_row(visit()))), Closed)
    assert not Batch.objects.exists()
    assert not SheetRow.objects.exists()


def test_a_failure_half_way_leaves_nothing(source):
    def fail(records, now):
        raise RuntimeError("no notes today")

    with pytest.raises(RuntimeError, match="no notes today"):
        post(source, sheet_row(visit()), batch_id="b1", annotate=fail)
    assert not any(everything())
    assert post(source, sheet_row(visit()), batch_id="b1")[0]["accepted"]


def many(count, **changes):
    return [
        sheet_row(
            visit(Mã_khách_hàng=f"KH{n:03}", Họ_và_tên=f"Khách {n}", Số_điện_thoại=f"09{n:08}") | changes,
            row_id=f"r{n}",
            number=n + 2,
        )
        for n in range(count)
    ]


def queries(source, rows):
    with CaptureQueriesContext(connection) as captured:
        post(source, *rows)
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(dataset):
    one, many_rows = make_source(dataset), make_source(dataset)
    assert queries(one, many(1)) == queries(many_rows, many(500)) <= 16
    changed = {"Dịch vụ": "Trám răng", "Họ và tên": "Khách mới"}
    assert queries(one, many(1, **changed)) == queries(many_rows, many(500, **changed)) <= 16
    assert queries(one, many(1, **changed)) == queries(many_rows, many(500, **changed)) <= 10
    assert Record.objects.filter(source=many_rows, revision=2).count() == 500


def test_the_note_is_asked_for_once_for_all_rows(source):
    asked = []

    def annotate(records, now):
        asked.append([record.pk for record in records])
        return {}

    post(source, *many(3), sheet_row(visit(Số_điện_thoại="1"), row_id="wrong"), annotate=annotate)
    assert asked == [list(Record.objects.order_by("id").values_list("pk", flat=True))]
