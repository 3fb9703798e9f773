"""One row against the reference schema: no database."""

import unicodedata
from datetime import date

import pytest

from datahub.rows import CleanRow, FieldSpec, RowError, Schema, cell_status, clean, fingerprint, visit_key
from tests.factories import visit

TODAY = date(2026, 11, 21)
SCHEMA = Schema(
    (
        FieldSpec("customer_id", "Mã khách hàng", required=True, max_length=80),
        FieldSpec("customer_name", "Họ và tên", required=True, aliases=("Tên khách hàng",)),
        FieldSpec("phone", "Số điện thoại", "phone", required=True, aliases=("SĐT", "Điện thoại")),
        FieldSpec("service", "Dịch vụ"),
        FieldSpec("visit_date", "Ngày khám", "date"),
        FieldSpec("doctor", "Bác sĩ"),
        FieldSpec("price", "Thành tiền", "number"),
        FieldSpec("status", "Trạng thái", "choice", choices=("Đặt lịch", "Đang điều trị", "Đã hoàn thành", "Hủy")),
    )
)


def cleaned(values):
    outcome = clean(values, SCHEMA, TODAY)
    assert isinstance(outcome, CleanRow), outcome
    return outcome.values


def errors(values):
    outcome = clean(values, SCHEMA, TODAY)
    assert isinstance(outcome, list), outcome
    return outcome


def test_a_right_row():
    assert cleaned(visit(Số_điện_thoại="912345678", Thành_tiền="1.500.000 đ")) == {
        "customer_id": "KH001",
        "customer_name": "Nguyễn Thị Hoa",
        "phone": "84912345678",
        "service": "Nhổ răng",
        "visit_date": "2026-11-21",
        "doctor": "Trần Văn Nam",
        "price": "1500000",
        "status": "Đã hoàn thành",
    }


@pytest.mark.parametrize(
    "header",
    [
        "Số điện thoại",
        " SỐ  ĐIỆN\u00a0THOẠI ",
        unicodedata.normalize("NFD", "Số điện thoại"),
        "Số \u00d0iện thoại",
        "sđt",
        "Điện thoại",
    ],
)
def test_a_header_is_known_in_any_form_and_by_its_aliases(header):
    values = visit()
    values[header] = values.pop("Số điện thoại")
    assert cleaned(values)["phone"] == "84912345678"


def test_of_two_columns_for_one_field_the_filled_one_counts_then_the_label():
    assert cleaned(visit() | {"SĐT": "0987654321"})["phone"] == "84912345678"
    assert cleaned(visit(Số_điện_thoại="") | {"SĐT": "0987654321"})["phone"] == "84987654321"


def test_columns_of_the_clinics_own_are_ignored():
    assert "Ghi chú" not in cleaned(visit(Ghi_chú="#REF!"))


def test_a_column_that_is_missing_and_a_cell_that_is_empty_are_told_apart():
    without_column = visit()
    del without_column["Họ và tên"]
    assert [(e.column, e.code) for e in errors(without_column)] == [("Họ và tên", "column.missing")]
    assert [(e.column, e.code) for e in errors(visit(Họ_và_tên=" \u200b"))] == [("Họ và tên", "value.required")]


def test_an_optional_cell_may_be_blank_and_an_optional_column_absent():
    values = visit(Dịch_vụ="")
    del values["Bác sĩ"]
    row = cleaned(values)
    assert row["service"] == ""
    assert "doctor" not in row


@pytest.mark.parametrize("ticked", ["TRUE", "true", "x", "X", "✓", "Có", "1", "Đã hoàn thành", "đã  hoàn thành"])
def test_a_column_named_after_the_done_value_is_ticked(ticked):
    values = visit()
    del values["Trạng thái"]
    assert cleaned(values | {"Đã hoàn thành": ticked})["status"] == "Đã hoàn thành"


@pytest.mark.parametrize("unticked", ["FALSE", "", "Không", "chưa", "0"])
def test_an_unticked_column_leaves_the_status_empty(unticked):
    values = visit()
    del values["Trạng thái"]
    assert cleaned(values | {"Đã hoàn thành": unticked})["status"] == ""


def test_a_tick_means_nothing_in_the_status_column_itself():
    assert [e.code for e in errors(visit(Trạng_thái="TRUE"))] == ["choice.unknown"]


def test_every_wrong_cell_is_named_in_the_order_of_the_columns():
    found = errors(visit(Số_điện_thoại="09123", Ngày_khám="31/02/2026", Trạng_thái="xong", Họ_và_tên=""))
    assert [(e.column, e.code) for e in found] == [
        ("Họ và tên", "value.required"),
        ("Số điện thoại", "phone.too_short"),
        ("Ngày khám", "date.impossible"),
        ("Trạng thái", "choice.unknown"),
    ]


@pytest.mark.parametrize("column", ["Mã khách hàng", "Số điện thoại", "Ngày khám", "Thành tiền", "Trạng thái"])
def test_a_broken_formula_is_an_error_in_a_column_of_any_type(column):
    assert [(e.column, e.code) for e in errors(visit() | {column: " #N/A "})] == [(column, "formula.error")]


def test_the_cell_reads_as_the_contract_says():
    found = errors(visit(Số_điện_thoại="09123"))
    assert cell_status(found) == "Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"
    two = cell_status(errors(visit(Số_điện_thoại="09123", Họ_và_tên="")))
    assert two == (
        "Họ và tên đang để trống, hãy điền vào ô này; Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"
    )


def test_the_cell_text_fits_its_column_whatever_was_typed():
    found = [RowError("Cột", "x", "y" * 500) for _ in range(3)]
    assert len(cell_status(found, ending="; hết")) == 600
    assert cell_status(found, ending="; hết").endswith("…; hết")


def test_the_fingerprint_sees_meaning_not_form():
    base = fingerprint(visit(), SCHEMA)
    assert base == fingerprint(
        {unicodedata.normalize("NFD", k): unicodedata.normalize("NFD", v) for k, v in visit().items()}, SCHEMA
    )
    assert base == fingerprint(dict(reversed(visit().items())), SCHEMA)
    assert base == fingerprint(visit(Ghi_chú="khách quen", Bác_sĩ=" Trần Văn Nam "), SCHEMA)
    assert base != fingerprint(visit(Dịch_vụ="Trám răng"), SCHEMA)
    assert base != fingerprint(visit(Dịch_vụ=""), SCHEMA)
    # What is blank in one column and filled in the next is another row.
    assert fingerprint(visit(Dịch_vụ="a", Bác_sĩ=""), SCHEMA) != fingerprint(visit(Dịch_vụ="", Bác_sĩ="a"), SCHEMA)


@pytest.mark.parametrize(
    "changed",
    [
        Schema((*SCHEMA.fields, FieldSpec("voucher", "Voucher"))),
        Schema((*SCHEMA.fields[:3], FieldSpec("service", "Dịch vụ", max_length=5), *SCHEMA.fields[4:])),
        Schema(SCHEMA.fields, done_value="Xong"),
    ],
)
def test_a_change_of_the_schema_makes_every_row_new(changed):
    assert fingerprint(visit(), SCHEMA) != fingerprint(visit(), changed)


@pytest.mark.parametrize("order", [1, -1])
def test_a_label_is_stronger_than_another_fields_alias(order):
    specs = (FieldSpec("doctor", "Bác sĩ", aliases=("Người khám",)), FieldSpec("examiner", "Người khám"))
    column = Schema(specs[::order]).column("người khám")
    assert column is not None
    assert column.spec.key == "examiner"


def test_a_visit_is_customer_phone_service_and_day():
    row = cleaned(visit())
    key = visit_key(row, otherwise="1:r1")
    assert key == visit_key(row | {"doctor": "Khác", "customer_id": "kh001"}, otherwise="1:r2")
    assert key != visit_key(row | {"visit_date": "2026-11-22"}, otherwise="1:r1")
    assert key != visit_key(row | {"phone": "84987654321"}, otherwise="1:r1")


@pytest.mark.parametrize("unknown", ["service", "visit_date"])
def test_without_service_or_day_the_visit_is_the_row(unknown):
    row = cleaned(visit()) | {unknown: ""}
    assert visit_key(row, otherwise="1:r1") != visit_key(row, otherwise="1:r2")
    assert len(visit_key(row, otherwise="1:r1")) == 64
