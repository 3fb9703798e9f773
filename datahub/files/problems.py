"""PURE. Why a file cannot be taken in, and how much of one can."""

from __future__ import annotations

from dataclasses import dataclass

MAX_TEXT_BYTES = 300 * 1024 * 1024
MAX_WORKBOOK_BYTES = 100 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_LINE = 2_000_000
"""Characters of one line: beyond it the file is no table."""


@dataclass(frozen=True)
class FileProblem:
    """Why a file is not taken in. `message` is Vietnamese: what the file is, and what to do about it."""

    code: str
    message: str


class UnreadableFile(Exception):
    """Met in the middle of a file that looked right from outside. `problem` says what."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{size / 1024 / 1024:.0f} MB"


TOO_MANY_ROWS = FileProblem(
    "file.too_many_rows", "Tệp có hơn 1.000.000 dòng. Hãy chia thành nhiều tệp nhỏ hơn rồi nhập lần lượt."
)
TOO_WIDE = FileProblem(
    "file.too_wide", f"Tệp có hơn {MAX_COLUMNS} cột. Hãy giữ lại các cột cần nhập rồi lưu thành tệp mới."
)
NO_TABLE = FileProblem(
    "file.no_table",
    "Tệp không phải bảng dữ liệu (có dòng dài bất thường hoặc ký tự lạ). Hãy lưu lại thành .xlsx hoặc .csv từ Excel.",
)
NO_HEADER = FileProblem("file.no_header", "Dòng tiêu đề đang chọn không có chữ nào. Hãy chọn dòng khác.")
NO_ROWS = FileProblem("file.no_rows", "Tệp chỉ có dòng tiêu đề, chưa có dòng dữ liệu nào.")
EMPTY = FileProblem("file.empty", "Tệp trống, không có chữ nào. Hãy kiểm tra xem đã lưu dữ liệu vào tệp chưa.")
CORRUPT = FileProblem(
    "file.corrupt", "Tệp Excel bị hỏng hoặc tải lên chưa trọn. Hãy mở bằng Excel, Lưu thành .xlsx rồi tải lên lại."
)
BOMB = FileProblem(
    "file.bomb",
    "Tệp Excel phình ra quá lớn khi mở (có thể do định dạng kéo dài hết trang tính). "
    "Hãy chép vùng dữ liệu sang tệp mới rồi lưu thành .xlsx hoặc .csv.",
)
