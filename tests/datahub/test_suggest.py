"""Which field a column of an outside table means."""

import pytest

from datahub.matching.guess import guess
from datahub.matching.suggest import Why, suggest
from datahub.schema import FieldSpec, Schema

SCHEMA = Schema(
    (
        FieldSpec("customer_id", "Mã khách hàng", required=True),
        FieldSpec("customer_name", "Họ và tên", required=True),
        FieldSpec("phone", "Số điện thoại", "phone", required=True, aliases=("SĐT khách",)),
        FieldSpec("service", "Dịch vụ"),
        FieldSpec("visit_date", "Ngày khám", "date"),
        FieldSpec("doctor", "Bác sĩ"),
        FieldSpec("next_visit_date", "Ngày tái khám", "date"),
        FieldSpec("status", "Trạng thái", "choice", choices=("Đặt lịch", "Đã hoàn thành")),
        FieldSpec("care_note", "Ghi chú chăm sóc", owner="hub"),
    )
)


def one(header, *cells, schema=SCHEMA):
    [found] = suggest([header], [[cell] for cell in cells], schema)
    return found.key, found.why


@pytest.mark.parametrize(
    ("header", "key", "why"),
    [
        ("Số điện thoại", "phone", Why.NAME),
        ("  số ĐIỆN thoại ", "phone", Why.NAME),
        ("SĐT khách", "phone", Why.NAME),
        ("Đã hoàn thành", "status", Why.NAME),
        ("So dien thoai", "phone", Why.SPELLING),
        ("SDT_KHACH", "phone", Why.SPELLING),
        ("customer_name", "customer_name", Why.SPELLING),
        ("data.customerName", "customer_name", Why.SPELLING),
        ("ĐT", "phone", Why.KNOWN),
        ("Tên bệnh nhân", "customer_name", Why.KNOWN),
        ("contactNumber", "phone", Why.KNOWN),
        ("Bác sỹ điều trị", "doctor", Why.KNOWN),
        ("Số điện thọai", "phone", Why.SPELLING),
        ("Số điệm thoại", "phone", Why.NEAR),
        ("Dịch vụ sử dụng", "service", Why.NEAR),
        ("Ngày hẹn tái khám", "next_visit_date", Why.KNOWN),
        ("Ghi chú chăm sóc", "", Why.HUB),
        ("Trạng thái gửi Webhook", "", Why.OURS),
        ("_cdp_id", "", Why.OURS),
        ("Ngày sinh", "", Why.NOTHING),
        ("Ghi chú", "", Why.NOTHING),
        ("", "", Why.NOTHING),
    ],
)
def test_a_header_means(header, key, why):
    assert one(header) == (key, why)


def test_a_phone_shows_what_it_is_whatever_its_column_is_called():
    assert one("Cột 3", "0912345678", "0987 654 321", "") == ("phone", Why.VALUES)
    assert one("Cột 3", "21/11/2026", "22/11/2026") == ("", Why.NOTHING)


def test_a_near_name_over_values_that_cannot_be_read_is_not_suggested():
    assert one("Số điệm thoại", "gọi lại sau", "không nghe máy") == ("", Why.NOTHING)


def test_a_field_is_suggested_once_for_the_column_that_fits_best():
    headers = ["SDT", "Số điện thoại", "Điện thoại di động"]
    found = suggest(headers, [["0912345678", "0912345679", "0912345670"]], SCHEMA)
    assert [each.key for each in found] == ["", "phone", ""]


def test_what_is_only_like_a_name_is_not_sure():
    found = suggest(["Mã KH", "Số điệm thoại", "Ngày khám", "Màu răng"], [], SCHEMA)
    assert [each.is_sure for each in found] == [True, False, True, False]
    assert [each.is_read for each in found] == [False, False, True, False]


def test_rows_may_be_shorter_than_the_headers_and_headers_may_repeat():
    found = suggest(["Mã khách hàng", "Mã khách hàng", "Giờ"], [["KH1"], ["KH2", "KH2", "14h30"]], SCHEMA)
    assert [(each.key, each.type) for each in found] == [("customer_id", "text"), ("", "text"), ("", "time")]


@pytest.mark.parametrize(
    ("cells", "type_", "choices"),
    [
        (["0912345678", "912345678", "+84 987 654 321"], "phone", ()),
        (["21/11/2026", "1/2/25", "2026-11-21", "chưa rõ", "02/01/2026"], "date", ()),
        (["1.500.000", "250000", "0"], "number", ()),
        (["14h30", "8:00", "2:30 CH"], "time", ()),
        (["Có", "không", "x"], "yes_no", ()),
        (["1", "0", "1"], "number", ()),
        (["hoa@gmail.com"], "email", ()),
        (["A1", "a1", "B", "B", "A1", "b"], "choice", ("A1", "B")),
        (["Tốt", "Khá", "Vừa"], "text", ()),
        (["", "  "], "text", ()),
    ],
)
def test_the_values_of_a_column_look_like(cells, type_, choices):
    found = guess(cells)
    assert (found.type, found.choices) == (type_, choices)
