"""PURE. The sheet webhook's contract, outward: the words of every answer, for the script and for the staff member at the cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.google_sheets.protocol import REQUESTS, ShapeError, Verdict


@dataclass(frozen=True)
class Result:
    """What became of one row. `errors` are as in the contract, `note` tells staff what happens next."""

    row_id: str
    row_number: int
    accepted: bool
    status: str
    errors: Sequence[Mapping[str, str | None]] = ()
    note: str = ""


def answer(batch_id: str, results: Sequence[Result]) -> str:
    """The body of a 200: one result for each row, in the order of the rows."""
    body = {"batch_id": batch_id, "results": [vars(result) for result in results]}
    return json.dumps(body, ensure_ascii=False)


@dataclass(frozen=True)
class Rejection:
    """A call answered as a whole: nothing of it is stored. `status` is what the script writes into the cells.

    A status must not start with the script's own “Chưa gửi được:”: such rows are sent again every five minutes.
    """

    http: int
    error: str
    message: str
    status: str
    retry_after_s: int | None = None

    def as_json(self) -> dict[str, str]:
        """The answer's body."""
        return {"error": self.error, "message": self.message, "status": self.status}


_WRONG_SIGNATURE = "Sai mã bí mật kết nối, hãy mở menu CDP › Cài đặt kết nối và nhập lại"
_FEWER_ROWS = "Lô gửi quá lớn, hãy gửi ít dòng hơn mỗi lần"

UNKNOWN_SOURCE = Rejection(
    404,
    "source.unknown",
    "Không có nguồn dữ liệu nào ở địa chỉ này.",
    "Không tìm thấy nguồn dữ liệu, hãy kiểm tra địa chỉ webhook ở menu CDP › Cài đặt kết nối",
)
NOT_SIGNED = {
    Verdict.MISSING: Rejection(401, Verdict.MISSING, "Thiếu X-CDP-Timestamp hoặc X-CDP-Signature.", _WRONG_SIGNATURE),
    Verdict.BAD: Rejection(401, Verdict.BAD, "X-CDP-Signature không khớp với nội dung.", _WRONG_SIGNATURE),
    Verdict.STALE: Rejection(
        401,
        Verdict.STALE,
        "X-CDP-Timestamp lệch quá 5 phút so với giờ máy chủ.",
        "Giờ gửi lệch quá 5 phút so với máy chủ, hãy gửi lại",
    ),
}
SOURCE_CLOSED = Rejection(
    423,
    "source.closed",
    "Chiến dịch đồng bộ của nguồn này chưa được kích hoạt.",
    "Chiến dịch đồng bộ chưa được kích hoạt, dòng sẽ tự gửi khi chiến dịch được kích hoạt",
)
BATCH_REUSED = Rejection(
    409,
    "batch.reused",
    "batch_id này đã dùng cho một nội dung khác.",
    f"Lô gửi bị trùng mã, hãy đặt Gửi webhook = {REQUESTS[1]}",
)
BUSY = Rejection(
    503,
    "database.busy",
    "Máy chủ đang bận, hãy gửi lại sau ít giây.",
    "Máy chủ đang bận, hệ thống sẽ tự thử lại",
    retry_after_s=5,
)


def body_too_large(limit: int) -> Rejection:
    """The refusal of a body over `limit` bytes."""
    return Rejection(413, "body.too_large", f"Nội dung dài hơn {limit // 1_000_000} MB.", _FEWER_ROWS)


def too_many_rows(count: int, limit: int) -> Rejection:
    """The refusal of a call with more rows than its door allows."""
    return Rejection(413, "rows.too_many", f"Một lần gửi có {count} dòng, tối đa {limit}.", _FEWER_ROWS)


def not_this_shape(error: ShapeError) -> Rejection:
    """The refusal of a body that is no batch; says what and where."""
    status = "Máy chủ không đọc được dữ liệu bảng tính, hãy cài lại mã Code.gs bản mới nhất"
    return Rejection(400, "body.shape", f"{error}.", status)
