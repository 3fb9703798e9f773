"""Sheets of real shape that have nothing wrong: the doctor stays silent, and says nothing of a patient."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from datahub.doctor.diagnosis import diagnose
from datahub.doctor.snapshot import Facts, Snapshot
from tests.datahub.clean_sheet import SCHEMA, TODAY, clean_sheet, facts_of, put, put_in, rename, without


def codes(sheet: Snapshot) -> list[str]:
    return [finding.code for finding in diagnose(sheet, SCHEMA, TODAY, facts_of(sheet))]


def first_rows(count: int) -> Snapshot:
    sheet = clean_sheet()
    return replace(sheet, rows=sheet.rows[:count])


def with_column(sheet: Snapshot, name: str, text: Callable[[int], str], *, at: int | None = None) -> Snapshot:
    """One more column, of the clinic's own; `text` makes a cell of the number of a row that has anything in it."""
    place = len(sheet.headers) if at is None else at

    def put_in(cells: tuple[str, ...], cell: str) -> tuple[str, ...]:
        return (*cells[:place], cell, *cells[place:])

    rows = tuple(
        replace(row, cells=put_in(row.cells, text(row.number) if any(row.cells) else "")) for row in sheet.rows
    )
    return replace(sheet, headers=put_in(sheet.headers, name), rows=rows)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 10])
def test_a_young_sheet(count):
    assert codes(first_rows(count)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ghi chú", lambda n: "khách quen" if n % 3 else ""),
        ("STT", lambda n: str(n - 1)),
        ("Số điện thoại người nhà", lambda n: f"09{n:08}"),
        ("SĐT phụ", lambda n: f"0912{n:06}"),
        ("Ngày sinh", lambda n: f"{n % 28 + 1:02}/0{n % 9 + 1}/1990"),
        ("Ngày nhập", lambda n: f"{n % 28 + 1:02}/10/2026"),
        ("Email", lambda n: f"khach{n}@example.vn"),
        ("Tổng tiền", lambda n: f"{n}.500.000"),
        ("Trạng thái thanh toán", lambda n: "Đã thanh toán"),
        ("Tên người giới thiệu", lambda n: "Trần Văn Nam"),
        ("Mã hồ sơ", lambda n: f"HS{n:05}"),
        ("Ngày hẹn gọi lại", lambda n: "25/12/2026" if n % 4 == 0 else ""),
        ("Bác sĩ phụ", lambda n: "BS. Lan"),
        ("Nguồn khách", lambda n: "Facebook"),
        ("Đánh giá", lambda n: "#1" if n == 7 else ""),
        ("", lambda n: ""),
        ("", lambda n: "nhớ gọi" if n == 5 else ""),
    ],
)
@pytest.mark.parametrize("at", [None, 0, 3])
def test_a_column_of_the_clinics_own_is_no_fault_wherever_it_stands(name, text, at):
    assert codes(with_column(clean_sheet(), name, text, at=at)) == []


def test_optional_columns_may_be_empty_or_not_there():
    required = {spec.label for spec in SCHEMA.fields if spec.required}
    for spec in SCHEMA.fields:
        if spec.label in required or spec.key in ("status", "visit_date"):
            continue
        assert codes(put(clean_sheet(), spec.label, lambda row, cell: "")) == [], spec.label
        assert codes(without(clean_sheet(), spec.label)) == [], spec.label


def test_rows_not_yet_asked_for_are_no_fault():
    sheet = clean_sheet()
    for name in ("Gửi webhook", "Trạng thái gửi Webhook"):
        sheet = put_in(sheet, name, {498, 499, 500, 501}, "")
    assert codes(sheet) == []


def test_a_tab_with_a_header_alone_and_one_with_nothing():
    assert codes(replace(clean_sheet(), rows=())) == []
    assert set(codes(Snapshot((), ()))) <= {"column.missing", "column.system_missing"}


def test_lower_case_headers_and_marks_are_the_same_names():
    sheet = clean_sheet()
    for label in ("Họ và tên", "Dịch vụ"):
        sheet = rename(sheet, label, label.lower())
    assert codes(sheet) == []


PATIENT = {"Họ và tên": "Lý Thị Bí Mật", "Số điện thoại": "0977666555", "Mã khách hàng": "KHBIMAT"}


def test_no_finding_tells_of_a_patient():
    """Every column in turn holds what a patient's row holds elsewhere: the worst a moved header can do."""
    for label in [spec.label for spec in SCHEMA.fields] + ["Gửi webhook", "Trạng thái gửi Webhook"]:
        for typed in PATIENT.values():
            sheet = put_in(clean_sheet(), label, {5, 6, 7}, typed)
            told = json.dumps(
                [finding.as_json() for finding in diagnose(sheet, SCHEMA, TODAY, facts_of(sheet))], ensure_ascii=False
            )
            assert typed not in told, (label, told)


def test_twenty_thousand_rows_are_examined_in_seconds():
    sheet = clean_sheet()
    rows = tuple(
        replace(row, number=at + 2, row_id=f"r{at}", cells=(f"KH{at:06}", *row.cells[1:]))
        for at, row in enumerate((sheet.rows[:500] * 40)[:20_000])
    )
    started = time.process_time()
    diagnose(replace(sheet, rows=rows), SCHEMA, TODAY, Facts(known=frozenset(row.row_id for row in rows)))
    assert time.process_time() - started < 20
