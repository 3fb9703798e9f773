"""PURE. Rows that repeat each other, and rows that the sheet and the Data Hub do not agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from datahub.doctor.sheet import ROW_ID, SEND, STATUS_CELL, Sheet, text
from datahub.doctor.snapshot import Facts, Finding, finding
from datahub.rows import visit_key
from datahub.text import fold, quoted
from integrations.google_sheets.protocol import ACCEPTED, REQUESTS

# What the script writes into the status cell of a row that still waits.
_WAITING = ("Đang gửi", "Chưa gửi được")
_REQUESTS = frozenset(map(fold, REQUESTS))


def repeated_findings(sheet: Sheet) -> Iterator[Finding]:
    """One visit in several rows: the same customer, phone, service and day."""
    visits: dict[str, list[int]] = defaultdict(list)
    for row, visit in sheet.visits.items():
        visits[visit_key(visit.values, otherwise=str(row))].append(row)
    groups = [sorted(rows) for rows in visits.values() if len(rows) > 1]
    if groups:
        copies = sum(len(rows) - 1 for rows in groups)
        yield finding(
            "rows.repeated",
            f"{copies} dòng lặp lại một lượt khám đã có (cùng mã khách, số điện thoại, dịch vụ và ngày khám).",
            "Hãy xóa dòng thừa; nếu là hai lượt khác nhau, hãy ghi khác dịch vụ hoặc ngày khám.",
            rows=sorted(row for rows in groups for row in rows),
        )


def copied_findings(sheet: Sheet) -> Iterator[Finding]:
    """Rows that carry another row's hidden id."""
    places: dict[str, list[int]] = defaultdict(list)
    for row in sheet.snapshot.rows:
        if row.row_id:
            places[row.row_id].append(row.number)
    copies = sorted(number for numbers in places.values() if len(numbers) > 1 for number in numbers)
    if copies:
        yield finding(
            "rows.copied_id",
            f"{len(copies)} dòng mang chung mã ẩn với dòng khác, vì được sao chép cả dòng.",
            f"Hãy hiện cột ẩn {quoted(ROW_ID)}, xóa ô mã của dòng sao chép rồi gửi lại dòng đó.",
            column=ROW_ID,
            rows=copies,
        )


def unsent_findings(sheet: Sheet) -> Iterator[Finding]:
    """Rows that were asked for and have no answer."""
    asked, status = sheet.place(SEND), sheet.place(STATUS_CELL)
    if asked is None or status is None:
        return
    waiting = [row.number for row in sheet.rows if _waits(text(row, status)) and fold(text(row, asked)) in _REQUESTS]
    if waiting:
        yield finding(
            "rows.unsent",
            f"{len(waiting)} dòng đã đặt {quoted(SEND)} nhưng chưa được gửi đi.",
            "Hãy chọn menu CDP › Gửi lại các dòng đang chờ; nếu vẫn còn, chọn CDP › Kiểm tra kết nối.",
            column=STATUS_CELL,
            rows=waiting,
        )


def _waits(status: str) -> bool:
    return not status or status.startswith(_WAITING)


def reconciled_findings(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    """Rows that only one side has. Without ids nothing can be compared: their loss is the fault."""
    if sheet.header_row == 1 and (sheet.place(ROW_ID) is not None or any(row.row_id for row in sheet.snapshot.rows)):
        yield from _never_sent(sheet, facts)
        yield from _only_in_hub(facts)


def _never_sent(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    at, accepted = sheet.place(STATUS_CELL), fold(ACCEPTED)
    strangers = (row for row in sheet.rows if row.row_id not in facts.known)
    lost = [row.number for row in strangers if fold(text(row, at)) == accepted]
    if lost:
        yield finding(
            "rows.never_sent",
            f"{len(lost)} dòng ghi {quoted(ACCEPTED)} nhưng Data Hub không có các dòng này.",
            f"Hãy đặt {quoted(SEND)} = {quoted(REQUESTS[1])} ở các dòng đó để gửi lại.",
            column=STATUS_CELL,
            rows=lost,
        )


def _only_in_hub(facts: Facts) -> Iterator[Finding]:
    if facts.only_in_hub:
        yield finding(
            "rows.only_in_hub",
            f"{facts.only_in_hub} dòng có trong Data Hub nhưng không còn trong bảng tính (số dòng là chỗ cũ của chúng).",
            "Nếu là xóa nhầm, hãy khôi phục bằng Tệp › Lịch sử phiên bản; nếu cố ý, không cần làm gì.",
            rows=list(facts.numbers),
        )
