"""A sheet of five hundred right rows, as a clinic's sheet shows them, and the hands to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from datahub.doctor.snapshot import Facts, SnapRow, Snapshot
from datahub.schema import FieldSpec, Schema
from datahub.tables import REFERENCE_SCHEMA
from sandbox.sheet.sample_rows import COLUMNS, sample_rows

TODAY = date(2026, 11, 21)
ROWS = 500
SCHEMA = Schema(
    fields=tuple(
        FieldSpec(
            key=field["key"],
            label=field["label"],
            type=field.get("type", "text"),
            required=field.get("required", False),
            choices=tuple(field.get("choices", ())),
        )
        for field in REFERENCE_SCHEMA
    )
)


def clean_sheet() -> Snapshot:
    """The practice sheet's right rows, over and over, each for a customer of its own, all sent and answered."""
    right = [row for row in sample_rows(TODAY) if row[0] and row[0] not in _WRONG]
    rows = []
    for at in range(ROWS):
        cells = list(right[at % len(right)])
        cells[COLUMNS.index("Mã khách hàng")] = f"KH{at:04}"
        cells[COLUMNS.index("Ngày khám")] = _shifted(cells[COLUMNS.index("Ngày khám")], at)
        if cells[COLUMNS.index("Gửi webhook")]:
            cells[COLUMNS.index("Trạng thái gửi Webhook")] = "Đã gửi"
        row_id = f"id-{at:04}"
        cells[COLUMNS.index("_cdp_id")] = row_id
        rows.append(SnapRow(at + 2, row_id, tuple(cells)))
    blank = [SnapRow(ROWS + 2 + at, "", ("",) * len(COLUMNS)) for at in range(5)]
    return Snapshot(tuple(COLUMNS), tuple(rows + blank))


# The practice sheet mixes wrong rows in, every fourth from the third on.
_WRONG = {f"KH{2 + place * 4 + 1:03}" for place in range(10)}


def _shifted(day: str, by: int) -> str:
    """Some weeks earlier, so that every row is a visit of its own; what is booked stays ahead."""
    moment = date(int(day[6:]), int(day[3:5]), int(day[:2]))
    return day if moment > TODAY else f"{moment - timedelta(days=by % 60):%d/%m/%Y}"


def facts_of(sheet: Snapshot) -> Facts:
    """A hub that has every row that the sheet says was sent."""
    return Facts(known=frozenset(row.row_id for row in sheet.rows if row.row_id))


def put(sheet: Snapshot, label: str, change: Callable[[SnapRow, str], str]) -> Snapshot:
    """The sheet with every cell of a column changed."""
    at = sheet.headers.index(label)

    def changed(row: SnapRow) -> SnapRow:
        cells = list(row.cells)
        cells[at] = change(row, cells[at])
        return replace(row, cells=tuple(cells))

    return replace(sheet, rows=tuple(map(changed, sheet.rows)))


def put_in(sheet: Snapshot, label: str, rows: set[int], typed: str) -> Snapshot:
    """The sheet with this typed into a column of these rows, by row number."""
    return put(sheet, label, lambda row, cell: typed if row.number in rows else cell)


def rename(sheet: Snapshot, label: str, name: str) -> Snapshot:
    """The sheet with another header over a column."""
    return replace(sheet, headers=tuple(name if header == label else header for header in sheet.headers))


def without(sheet: Snapshot, label: str) -> Snapshot:
    """The sheet without a column."""
    at = sheet.headers.index(label)

    def cut(cells: tuple[str, ...]) -> tuple[str, ...]:
        return cells[:at] + cells[at + 1 :]

    return replace(
        sheet, headers=cut(sheet.headers), rows=tuple(replace(row, cells=cut(row.cells)) for row in sheet.rows)
    )
