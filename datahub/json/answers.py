"""The words of a JSON webhook's every no, for whoever looks at the other program's log."""

from __future__ import annotations

from datahub.json.mapping import Signature
from datahub.refusals import BUSY, Refusal
from integrations.google_sheets import protocol
from integrations.google_sheets.protocol import ShapeError

__all__ = ["BUSY", "CLOSED", "TOO_LARGE", "UNKNOWN", "not_json", "not_signed", "too_many"]

MAX_BODY_BYTES = 1_000_000
UNKNOWN = Refusal(404, "source.unknown", "Không có nguồn dữ liệu nào ở địa chỉ này, hãy chép lại địa chỉ từ Data Hub.")
CLOSED = Refusal(
    423,
    "source.closed",
    "Nguồn này chưa mở, chưa có gì được lưu. Quản trị viên mở nguồn ở Data Hub › Nguồn dữ liệu.",
    retry_after_s=300,
)
TOO_LARGE = Refusal(413, "body.too_large", f"Nội dung dài hơn {MAX_BODY_BYTES // 1_000_000} MB.")


def not_signed(signature: Signature) -> Refusal:
    """The refusal of a call whose header proves nothing."""
    what = {
        "token": "phải đúng bằng mã bí mật của nguồn",
        "hmac_hex": "phải là HMAC-SHA256 dạng hex của nguyên văn nội dung, ký bằng mã bí mật của nguồn",
        "hmac_base64": "phải là HMAC-SHA256 dạng base64 của nguyên văn nội dung, ký bằng mã bí mật của nguồn",
    }.get(signature.style, "không đúng")
    return Refusal(401, "signature.bad", f"Header {signature.header} thiếu hoặc không khớp: {what}.")


def not_json(error: ShapeError) -> Refusal:
    """The refusal of a body that is no JSON."""
    return Refusal(400, "body.not_json", f"{error}.")


def too_many(count: int) -> Refusal:
    """The refusal of a body with more rows than one call may carry."""
    return Refusal(413, "rows.too_many", f"Một lần gửi có {count} dòng, tối đa {protocol.MAX_ROWS}.")
