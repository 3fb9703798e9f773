"""PURE. Faults that any column can have: formulas that failed or were dragged, choices that are none, empty rows between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from datahub.doctor.sheet import SEND, Sheet, text
from datahub.doctor.snapshot import Finding, finding
from datahub.fields import FieldError, choice
from datahub.text import clean, fold, formula_error, grouped, quoted
from integrations.google_sheets.checkup import MAX_ROWS
from integrations.google_sheets.protocol import REQUESTS

# Beyond what one checkup can carry rows would not be looked at.
_NEAR_LIMIT = 18_000
_FOLDED = frozenset(map(fold, REQUESTS))


def formula_findings(sheet: Sheet) -> Iterator[Finding]:
    """Formulas, column by column. One still at work (`Loading...`) is no fault."""
    for at, header in enumerate(sheet.snapshot.headers):
        broken, dragged = [], []
        for row in sheet.rows:
            shown = text(row, at)
            if shown[:1] == "#" and formula_error(shown):
                broken.append(row.number)
            elif shown[:1] == "=" and len(shown) > 1:
                dragged.append(row.number)
        name = clean(header)
        if broken:
            yield finding(
                "formula.broken",
                f"{len(broken)} ô ở cột {quoted(name)} là công thức bị lỗi (#REF!, #N/A…).",
                "Hãy sửa công thức, hoặc dán giá trị bằng Ctrl+Shift+V.",
                column=name,
                rows=broken,
            )
        if dragged:
            yield finding(
                "formula.dragged",
                f"{len(dragged)} ô ở cột {quoted(name)} chứa công thức dạng chữ (bắt đầu bằng =) thay cho giá trị.",
                "Hãy thay công thức bằng giá trị của nó.",
                column=name,
                rows=dragged,
            )


def choice_findings(sheet: Sheet, key: str) -> Iterator[Finding]:
    """Values that the list of a choice column does not have."""
    at, choices = sheet.fields[key], sheet.specs[key].choices
    column = sheet.schema.column(sheet.snapshot.headers[at])
    if column is None or column.is_tick or not choices:
        return
    cells = sheet.cells(key)
    wrong = {
        text: read for text in {cell.text for cell in cells} if isinstance(read := choice(text, choices), FieldError)
    }
    strange = [cell for cell in cells if cell.text in wrong]
    if strange:
        # Only what resembles a choice is repeated: in a row that slipped sideways a patient's name stands here.
        meant = dict.fromkeys(clean(cell.text) for cell in strange if wrong[cell.text].suggestion)
        seen = f": {', '.join(map(quoted, list(meant)[:3]))}" if meant else ""
        yield finding(
            "choice.unknown",
            f"{len(strange)} ô ở cột {quoted(sheet.header(key))} có giá trị ngoài danh sách{seen}.",
            f"Hãy chọn một trong: {', '.join(choices)}.",
            column=sheet.header(key),
            rows=[cell.row for cell in strange],
        )


def request_findings(sheet: Sheet) -> Iterator[Finding]:
    """Words in Gửi webhook that ask for nothing."""
    at = sheet.place(SEND)
    if at is None:
        return
    known = {"", *REQUESTS}
    strange = [row.number for row in sheet.rows if (asked := text(row, at)) not in known and fold(asked) not in _FOLDED]
    if strange:
        yield finding(
            "request.unknown",
            f"{len(strange)} ô ở cột {quoted(SEND)} không phải {' hay '.join(map(quoted, REQUESTS))} nên dòng không được gửi.",
            f"Hãy chọn {quoted(REQUESTS[0])} cho dòng mới, {quoted(REQUESTS[1])} cho dòng đã sửa.",
            column=SEND,
            rows=strange,
        )


def extent_findings(sheet: Sheet) -> Iterator[Finding]:
    """Empty rows between filled ones, and a sheet that grows out of what is looked at."""
    numbers = sorted(row.number for row in sheet.rows)
    gaps = _gaps(numbers)
    if gaps:
        yield finding(
            "rows.gaps",
            f"Có dòng trống xen giữa các dòng có dữ liệu (từ dòng {gaps[0]}).",
            "Hãy xóa các dòng trống, để lọc và sắp xếp không bỏ sót dòng phía dưới.",
            rows=gaps,
        )
    if len(numbers) >= _NEAR_LIMIT:
        yield finding(
            "sheet.near_limit",
            f"Trang tính có {grouped(len(numbers))} dòng, gần mức {MAX_ROWS // 1000}.000 dòng mà hệ thống kiểm tra được.",
            "Hãy chuyển các lượt của năm trước sang một bảng tính khác.",
        )


def _gaps(numbers: list[int]) -> list[int]:
    gaps: list[int] = []
    for before, after in pairwise(numbers):
        gaps += range(before + 1, min(after, before + 1 + Finding.SHOWN))
        if len(gaps) >= Finding.SHOWN:
            break
    return gaps
