"""The one shape in which the API says no."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from datahub.refusals import Refusal


class Detail(Schema):
    """One thing that is wrong, and where."""

    where: str = Field(description="Chỗ sai, ví dụ rows[3].id.")
    what: str = Field(description="Điều cần sửa.")


class Problem(Schema):
    """The body of every answer that is no success."""

    error: str = Field(description="Mã lỗi cố định, để phần mềm nhận biết.")
    message: str = Field(description="Một câu tiếng Việt cho người đọc.")
    details: list[Detail] = Field(description="Từng chỗ sai, nếu có.")


class TurnedAway(Exception):  # no error: how a refusal travels where the framework takes only exceptions
    """Carries a refusal to the door."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.error)
        self.refusal = refusal


UNKNOWN_TOKEN = Refusal(
    401,
    "token.unknown",
    "Thiếu mã truy cập hoặc mã không đúng. Hãy gửi header Authorization: Bearer <mã> do Data Hub cấp.",
)
REVOKED_TOKEN = Refusal(403, "token.revoked", "Mã truy cập này đã bị thu hồi. Hãy xin quản trị viên cấp mã mới.")
NOT_FOUND = Refusal(404, "not_found", "Không có dữ liệu nào ở địa chỉ này trong doanh nghiệp của mã truy cập.")
KEY_REUSED = Refusal(
    409,
    "idempotency_key.reused",
    "Idempotency-Key này đã dùng cho một nội dung khác của bảng này. Mỗi nội dung mới cần một khóa mới.",
)
CLOSED = Refusal(
    423,
    "source.closed",
    "Bảng này chưa mở cho API. Quản trị viên mở ở Data Hub › API; hãy gửi lại sau, với cùng Idempotency-Key.",
    retry_after_s=300,
)


def too_often(seconds: int) -> Refusal:
    """The refusal of a token that has used up its share."""
    return Refusal(429, "rate.exceeded", f"Gửi quá nhanh, hãy chờ {seconds} giây.", retry_after_s=seconds)


def too_large(limit: int) -> Refusal:
    """The refusal of a body over `limit` bytes."""
    return Refusal(413, "body.too_large", f"Nội dung dài hơn {limit // 1_000_000} MB.")


def wrong(error: str, where: str, what: str) -> Refusal:
    """The refusal of one value that has the right shape."""
    return Refusal(422, error, f"{where}: {what}.", [{"where": where, "what": what}])


# What any operation may answer besides its own; ninja's documentation reads it.
REFUSED: dict[Any, Any] = {frozenset({401, 403, 404, 422, 429, 503}): Problem}
# And one that reads a body.
READS_BODY: dict[Any, Any] = {frozenset({400, 413}): Problem} | REFUSED
