"""Rows of a file in the tables: the same verdicts as a sheet's, no visit doubled, history left in peace."""

from __future__ import annotations

from datetime import UTC, datetime

from datahub.imports import storage
from datahub.models import Customer, FileImport, Record, RecordEvent, SheetRow, Source
from tests import factories
from tests.datahub.files.making import HEADER, workbook
from tests.datahub.imports.story import a_file, counts, imported, row, uploaded


def test_right_rows_come_in(dataset, owner):
    found = imported(dataset, owner, a_file(row(1), row(2)))
    assert (found.state, found.total, found.cursor, counts(found)) == ("done", 2, 2, {"created": 2})
    record = Record.objects.get(customer__code="KH00001")
    assert (record.phone, record.status, record.values["visit_date"]) == ("84900000001", "Đã hoàn thành", "2026-10-20")
    assert record.file_import == found
    assert Customer.objects.get(code="KH00002").name == "Nguyễn Văn 2"


def test_history_is_done_since_its_own_day_and_leaves_no_event(dataset, owner):
    imported(dataset, owner, a_file(row(1)))
    record = Record.objects.get()
    assert record.is_history
    assert record.completed_at == datetime(2026, 10, 20, 5, tzinfo=UTC)
    assert not RecordEvent.objects.exists()


def test_new_visits_are_as_a_sheets(dataset, owner, now):
    imported(dataset, owner, a_file(row(1)), is_history=False)
    record, event = Record.objects.get(), RecordEvent.objects.get()
    assert (record.is_history, record.completed_at) == (False, now)
    assert (event.kind, event.handled_at, event.changes["status"]) == ("created", None, ["", "Đã hoàn thành"])


def test_a_wrong_row_is_kept_with_its_reasons_and_stops_no_other(dataset, owner):
    found = imported(dataset, owner, a_file(row(1), row(2, phone="09123"), row(3, day="31/02/2026"), row(4)))
    assert counts(found) == {"created": 2, "wrong": 2}
    first, second = SheetRow.objects.order_by("row_number")
    assert (first.row_number, first.accepted, first.values["Số điện thoại"]) == (3, False, "09123")
    assert first.status.startswith("Số điện thoại “09123”: thiếu chữ số")
    assert second.errors[0]["column"] == "Ngày khám"


def test_a_row_with_more_cells_than_columns_is_refused(dataset, owner):
    found = imported(dataset, owner, a_file(row(1, service="Nhổ răng, trám răng"), row(2), row(3)))
    assert counts(found) == {"created": 2, "wrong": 1}
    assert "có 7 ô trong khi tiêu đề có 6 cột" in SheetRow.objects.get().status


def test_letters_that_were_lost_are_refused_where_they_count(dataset, owner):
    found = imported(dataset, owner, a_file(row(1, name="Nguy�n Hoa"), row(2)))
    assert counts(found) == {"created": 1, "wrong": 1}
    assert SheetRow.objects.get().errors[0]["code"] == "text.unreadable"


def test_the_same_visit_twice_in_a_file_is_one(dataset, owner):
    found = imported(dataset, owner, a_file(row(1), row(1), row(2)))
    assert counts(found) == {"created": 2, "unchanged": 1}
    assert Record.objects.count() == 2


def test_of_two_rows_for_one_visit_the_later_is_right(dataset, owner):
    found = imported(dataset, owner, a_file(row(1, status="Đặt lịch"), row(1)))
    assert counts(found) == {"created": 1, "updated": 1}
    record = Record.objects.get()
    assert (record.status, record.is_history) == ("Đã hoàn thành", True)


def test_the_same_file_again_changes_nothing(dataset, owner):
    data = a_file(row(1), row(2))
    imported(dataset, owner, data)
    before = list(Record.objects.order_by("id").values())
    assert counts(imported(dataset, owner, data)) == {"unchanged": 2}
    assert list(Record.objects.order_by("id").values()) == before


def test_a_visit_that_a_sheet_brought_is_left_as_it_is(dataset, owner, source):
    visit = factories.make_record(source)
    values = visit.values
    cells = (values["customer_id"], "Tên khác", "0912345678", values["service"], "21/11/2026", "Hủy")
    found = imported(dataset, owner, a_file(cells, row(2)))
    assert counts(found) == {"created": 1, "elsewhere": 1}
    visit.refresh_from_db()
    assert visit.values == values


def test_rows_without_a_visit_are_told_apart_by_all_they_say(dataset, owner):
    rows = [row(1, day=""), row(1, day=""), row(1, day="", service="Trám răng")]
    assert counts(imported(dataset, owner, a_file(*rows))) == {"created": 2, "unchanged": 1}


HEADER_WITH_KEY = (*HEADER, "Số phiếu")


def with_key(key, *cells):
    return (*cells, key)


def test_a_chosen_column_tells_rows_apart(dataset, owner):
    rows = [with_key("P1", *row(1)), with_key("P2", *row(1)), with_key("P1", *row(1, status="Hủy"))]
    found = imported(dataset, owner, a_file(*rows, header=HEADER_WITH_KEY), key=6)
    assert counts(found) == {"created": 2, "updated": 1}
    assert set(Record.objects.values_list("row_id", "status")) == {("k:P1", "Hủy"), ("k:P2", "Đã hoàn thành")}


def test_an_empty_key_is_refused(dataset, owner):
    found = imported(dataset, owner, a_file(with_key("", *row(1)), header=HEADER_WITH_KEY), key=6)
    assert counts(found) == {"wrong": 1}
    assert "Số phiếu đang để trống" in SheetRow.objects.get().status


def test_one_key_on_two_patients_overwrites_nobody(dataset, owner):
    rows = [with_key("Quận 1", *row(1)), with_key("Quận 1", *row(2))]
    found = imported(dataset, owner, a_file(*rows, header=HEADER_WITH_KEY), key=6)
    assert counts(found) == {"created": 1, "wrong": 1}
    assert "đã là dòng của khách KH00001" in SheetRow.objects.get().status


def test_a_key_does_not_double_what_came_without_one(dataset, owner):
    imported(dataset, owner, a_file(row(1)))
    found = imported(dataset, owner, a_file(with_key("P1", *row(1)), header=HEADER_WITH_KEY), key=6)
    assert counts(found) == {"elsewhere": 1}


def test_old_rows_do_not_rename_people_we_know(dataset, owner, source):
    factories.make_record(source)
    old = row(1, code="KH001", name="Nguyễn Thị Hoa", phone="0900000001")
    imported(dataset, owner, a_file(old))
    assert Customer.objects.get(code="KH001").phone == "84912345678"


def test_one_code_on_two_people_is_said_aloud(dataset, owner):
    found = imported(dataset, owner, a_file(row(1), row(1, name="Trần Bình", phone="0911111111")))
    assert found.wrong == 0
    assert "Mã KH00001 đang là Nguyễn Văn 1" in SheetRow.objects.get(accepted=True).status


def test_a_workbook_comes_in_too(dataset, owner):
    found = imported(dataset, owner, workbook((HEADER, row(1), (), row(2, phone="912345678"))), name="khach.xlsx")
    assert (found.total, counts(found)) == (3, {"created": 2})
    assert Record.objects.get(customer__code="KH00002").phone == "84912345678"


def test_the_file_is_private_and_goes_when_it_ends(dataset, owner):
    found = uploaded(dataset, owner, a_file(row(1)))
    path = storage.path_of(found)
    assert path.stat().st_mode & 0o777 == 0o600
    imported(dataset, owner, a_file(row(2)))
    ended = FileImport.objects.exclude(pk=found.pk).get()
    assert path.exists()
    assert not storage.path_of(ended).exists()


def test_a_tables_files_have_one_source_that_no_webhook_opens(dataset, owner):
    imported(dataset, owner, a_file(row(1)))
    imported(dataset, owner, a_file(row(2)))
    assert Source.objects.get(kind=Source.Kind.FILE).is_open is False
