"""PURE. Dates in another order than the day first, as bare numbers, or done before they came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from datahub.doctor.sheet import Cell, Sheet
from datahub.doctor.snapshot import Finding, finding
from datahub.schema import STATUS, VISIT_DATE
from datahub.text import quoted

_DAY_MONTH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})\b.*", re.ASCII)
_SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d+)?", re.ASCII)
_LAST_MONTH = 12
_LOCALE = "Tệp › Cài đặt › Ngôn ngữ = Việt Nam"


def date_findings(sheet: Sheet, key: str) -> Iterator[Finding]:
    """Faults of one column of dates."""
    header, cells = sheet.header(key), sheet.cells(key)
    yield from _order(header, cells)
    if serials := [cell.row for cell in cells if _SERIAL.fullmatch(cell.text)]:
        yield finding(
            "date.serial",
            f"{len(serials)} ô ở cột {quoted(header)} hiện ngày như một con số (ví dụ 46347).",
            "Hãy chọn cả cột, Định dạng › Số › Ngày.",
            column=header,
            rows=serials,
        )


def _order(header: str, cells: list[Cell]) -> Iterator[Finding]:
    """A day above 12 shows on which side the day stands; of 03/04 nothing can be told."""
    read = [(cell.row, int(match[1]), int(match[2])) for cell in cells if (match := _DAY_MONTH.fullmatch(cell.text))]
    day_first = [row for row, first, second in read if _LAST_MONTH < first <= 31 and second <= _LAST_MONTH]
    month_first = [row for row, first, second in read if first <= _LAST_MONTH < second <= 31]
    if not month_first:
        return
    if day_first:
        yield finding(
            "date.mixed_order",
            f"Cột {quoted(header)} lẫn hai thứ tự: {len(day_first)} ô ngày/tháng, {len(month_first)} ô tháng/ngày.",
            f"Hãy đặt {_LOCALE}, rồi gõ lại các ô tháng/ngày; nhớ xem cả những ô cả hai số đều từ 12 trở xuống.",
            column=header,
            rows=month_first,
        )
    else:
        yield finding(
            "date.us_order",
            f"Cột {quoted(header)} viết tháng trước ngày ({len(month_first)} ô thấy rõ); hệ thống luôn đọc ngày trước.",
            f"Hãy đặt {_LOCALE} để bảng tính hiện ngày/tháng/năm.",
            column=header,
            rows=month_first,
        )


def future_findings(sheet: Sheet) -> Iterator[Finding]:
    """Visits that are done on a day still to come. Nothing can be told where the order is wrong: 10/12 may be October."""
    if VISIT_DATE not in sheet.fields or any(_order("", sheet.cells(VISIT_DATE))):
        return
    ahead = [
        row
        for row, visit in sheet.visits.items()
        if sheet.schema.is_done(visit.values.get(STATUS, ""))
        and (day := visit.values.get(VISIT_DATE))
        and date.fromisoformat(day) > sheet.today
    ]
    if ahead:
        header = sheet.header(VISIT_DATE)
        yield finding(
            "date.future_done",
            f"{len(ahead)} lượt đã hoàn thành mà {quoted(header)} còn ở tương lai.",
            "Hãy sửa lại ngày, hoặc để trạng thái là chưa hoàn thành cho tới khi khách đến.",
            column=header,
            rows=ahead,
        )
