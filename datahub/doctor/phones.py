"""PURE. What Google Sheets and hurried hands do to phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from datahub.doctor.sheet import Sheet
from datahub.doctor.snapshot import Finding, finding
from datahub.fields import FieldError, phone
from datahub.text import quoted

_NO_ZERO = re.compile(r"[35789]\d{8}", re.ASCII)
_AS_NUMBER = re.compile(r"\d{8,13}[.,]0+|\d(?:[.,]\d+)?E\+?\d{1,2}", re.ASCII | re.IGNORECASE)
_AS_TEXT = "chọn cả cột, Định dạng › Số › Văn bản thuần túy"


def phone_findings(sheet: Sheet, key: str) -> Iterator[Finding]:
    """Faults of one column of phones."""
    header, cells = sheet.header(key), sheet.cells(key)
    bare = [cell.row for cell in cells if _NO_ZERO.fullmatch(cell.text)]
    if len(bare) > len(cells) / 2:
        yield finding(
            "phone.lost_zeros",
            f"{len(bare)} số điện thoại ở cột {quoted(header)} mất số 0 đầu, vì cột đang là kiểu Số.",
            f"Hãy {_AS_TEXT}, rồi gõ lại số 0; hệ thống vẫn hiểu số 9 chữ số, nhưng người đọc dễ nhầm.",
            column=header,
            rows=bare,
        )
    if numbers := [cell.row for cell in cells if _AS_NUMBER.fullmatch(cell.text)]:
        yield finding(
            "phone.as_number",
            f"{len(numbers)} số điện thoại ở cột {quoted(header)} bị hiện như số tính toán (912345678.0 hoặc 9,12E+08).",
            f"Hãy {_AS_TEXT}, rồi gõ lại các số này: số đã bị làm tròn thì không đọc lại được.",
            column=header,
            rows=numbers,
        )
    if several := [cell.row for cell in cells if _is_two(cell.text)]:
        yield finding(
            "phone.two_numbers",
            f"{len(several)} ô ở cột {quoted(header)} có từ hai số điện thoại.",
            "Hãy giữ một số nhận tin trong ô, số còn lại ghi ở cột khác.",
            column=header,
            rows=several,
        )


def _is_two(text: str) -> bool:
    read = phone(text)
    return isinstance(read, FieldError) and read.code == "phone.two_numbers"
