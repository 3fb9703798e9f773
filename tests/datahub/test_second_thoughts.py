"""Rows that are right in every cell and still look wrong: said aloud, or refused where a patient would be written to."""

from __future__ import annotations

import json
from datetime import date

import pytest

from datahub.ingest import Answered, ingest
from datahub.models import Customer, Source
from datahub.rows import CleanRow, clean
from datahub.tables import schema_of
from integrations.google_sheets.protocol import SheetBatch, parse
from tests import factories

TODAY = date(2026, 11, 21)


def notes(source: Source, *rows: dict[str, str]) -> list[str]:
    """The notes of one batch."""
    sent = [factories.sheet_row(row, row_id=f"r{number}", number=number + 2) for number, row in enumerate(rows)]
    body = factories.as_bytes(factories.sheet_batch(*sent))
    batch = parse(body)
    assert isinstance(batch, SheetBatch)
    outcome = ingest(source=source, batch=batch, body=body, now=factories.NOW, annotate=lambda records, now: {})
    assert isinstance(outcome, Answered)
    return [result["note"] for result in json.loads(outcome.body)["results"]]


@pytest.mark.parametrize(
    ("day", "status", "refused"),
    [
        ("22/11/2027", "Đã hoàn thành", True),
        ("23/12/2026", "Đã hoàn thành", True),
        ("22/12/2026", "Đã hoàn thành", False),
        ("22/11/2027", "Đặt lịch", False),
        ("", "Đã hoàn thành", False),
    ],
)
def test_a_visit_done_long_before_its_day_is_a_slip(source: Source, day: str, status: str, refused: bool) -> None:
    outcome = clean(factories.visit(Ngày_khám=day, Trạng_thái=status), schema_of(source.dataset), TODAY)
    assert isinstance(outcome, CleanRow) != refused
    if isinstance(outcome, list):
        [error] = outcome
        assert (error.column, error.code) == ("Ngày khám", "date.done_in_future")
        assert day in error.message


def test_one_code_on_two_people_is_accepted_and_said(source: Source) -> None:
    assert notes(source, factories.visit()) == [""]
    [note] = notes(source, factories.visit(Họ_và_tên="Người Khác", Số_điện_thoại="0987654321", Dịch_vụ="Khác"))
    assert note == "Mã KH001 đang là Nguyễn Thị Hoa – 0912345678, hãy kiểm tra"
    assert Customer.objects.get().name == "Người Khác"


def test_within_one_batch_too(source: Source) -> None:
    other = factories.visit(Họ_và_tên="Người Khác", Số_điện_thoại="0987654321")
    assert [bool(note) for note in notes(source, factories.visit(), other)] == [False, True]


@pytest.mark.parametrize("change", [{"Họ_và_tên": "NGUYỄN THỊ HOA"}, {"Số_điện_thoại": "0987654321"}])
def test_a_new_phone_or_a_mended_name_is_no_stranger(source: Source, change: dict[str, str]) -> None:
    notes(source, factories.visit())
    assert notes(source, factories.visit(**change, Dịch_vụ="Khác")) == [""]
