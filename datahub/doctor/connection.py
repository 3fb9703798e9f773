"""PURE. Whether the way to the sheet is alive: its script's pulse and version, or the access it was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from datahub.doctor.snapshot import Connection, Finding, finding
from datahub.text import quoted
from integrations.google_sheets.pulse import SILENT_AFTER

_SILENT = SILENT_AFTER // timedelta(minutes=1)


def connection_findings(known: Connection) -> Iterator[Finding]:
    """What keeps rows from coming in at all."""
    if known.problem:
        yield finding(
            "link.refused",
            f"Không đọc được bảng tính: {known.problem.rstrip('.')}.",
            "Hãy chia sẻ lại bảng tính cho tài khoản dịch vụ với quyền Người chỉnh sửa, rồi bấm Kiểm tra ngay.",
        )
    if known.is_script:
        yield from _script(known)


def _script(known: Connection) -> Iterator[Finding]:
    if known.silent_minutes is None:
        if known.has_called:
            yield _old("bản cũ chưa biết báo tình trạng")
        return
    if known.silent_minutes > _SILENT:
        waiting = f", khi còn {known.waiting} dòng đang chờ gửi" if known.waiting else ""
        yield finding(
            "script.silent",
            f"Mã trong bảng tính đã im {_long(known.silent_minutes)}{waiting}: trình kích hoạt của nó có thể đã dừng.",
            "Hãy mở bảng tính và chọn CDP › Cài đặt kết nối để cài lại trình kích hoạt.",
        )
    if known.newer_version:
        yield _old(f"bản {quoted(known.version)}, bản mới nhất là {quoted(known.newer_version)}")


def _old(what: str) -> Finding:
    return finding(
        "script.old",
        f"Mã Code.gs trong bảng tính là {what}.",
        "Hãy tải Code.gs ở trang này, dán đè vào Tiện ích mở rộng › Apps Script rồi bấm Lưu.",
    )


def _long(minutes: int) -> str:
    hours, days = minutes // 60, minutes // (24 * 60)
    return f"{days} ngày" if days else f"{hours} giờ" if hours else f"{minutes} phút"
