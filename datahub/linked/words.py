"""PURE. What keeps a linked sheet from working, as one Vietnamese sentence that says who must do what."""

from __future__ import annotations

from collections.abc import Sequence

from datahub.text import grouped

BUSY = "Google đang bận hoặc không trả lời. Hệ thống tự thử lại, không mất dòng nào."
BROKEN = "Hệ thống gặp lỗi khi xử lý bảng tính này và đã ghi nhật ký. Hệ thống tự thử lại, không mất dòng nào."
_REFUSED = {
    "not_shared": "Google không cho mở bảng tính. Hãy bấm Chia sẻ trong bảng tính và thêm {email} với quyền Người chỉnh sửa.",
    "read_only": "Bảng tính chỉ cho xem nên không ghi được trạng thái. Hãy đổi quyền của {email} thành Người chỉnh sửa.",
    "gone": "Không tìm thấy bảng tính: có thể đã bị xóa hoặc sai địa chỉ. Hãy dán lại địa chỉ và chia sẻ cho {email}.",
    "key_refused": "Google không nhận khóa của {email}: khóa đã bị xóa hoặc thu hồi. Hãy tạo khóa mới trong Google Cloud rồi dán lại.",
    "api_disabled": "Google Sheets API chưa bật trong dự án của {email}. Hãy mở Google Cloud → APIs & Services → bật Google Sheets API, đợi vài phút.",
    "not_a_sheet": "Tệp này là Excel để trên Drive. Hãy mở tệp, chọn Tệp → Lưu dưới dạng Google Trang tính, rồi dán địa chỉ của tệp mới.",
}


def refused(why: str, email: str) -> str:
    """Why Google turns us away (sheets_api.Refused) and what the clinic can do."""
    return _REFUSED[why].format(email=email)


def tab_gone(title: str) -> str:
    """The tab that was chosen is not in the spreadsheet."""
    return f"Bảng tính không còn trang “{title}”. Hãy chọn lại trang ở phần sửa kết nối."


def columns_missing(title: str, columns: Sequence[str]) -> str:
    """The tab lacks columns; nothing of it was read."""
    names = ", ".join(f"“{column}”" for column in columns)
    return f"Trang “{title}” thiếu cột {names} ở dòng 1, chưa nhận dòng nào. Hãy thêm lại cột hoặc sửa tên cho đúng; hệ thống tự đọc lại."


def too_wide(title: str, most: int) -> str:
    """The tab has no room for the column of ids within what one read may bring."""
    return f"Trang “{title}” dùng hết {most} cột nên không còn chỗ cho cột mã ẩn, chưa nhận dòng nào. Hãy xóa bớt cột không dùng."


def too_long(title: str, most: int) -> str:
    """The tab has more rows than one read may bring."""
    return f"Trang “{title}” có từ {grouped(most)} dòng trở lên nên chưa nhận dòng nào. Hãy chuyển các dòng cũ sang trang khác."
