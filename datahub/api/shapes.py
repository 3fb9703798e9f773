"""What the API's answers look like."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from datahub.models import Customer, Dataset, Record
from datahub.models import Field as Column


class DatasetOut(Schema):
    """One table."""

    id: int
    name: str
    done_value: str = Field(description="Trạng thái làm lượt khám hoàn thành.")
    open: bool = Field(description="Bảng có nhận dữ liệu qua API lúc này không.")


class FieldOut(Schema):
    """One column of a table."""

    key: str
    label: str
    aliases: list[str]
    type: str
    required: bool
    choices: list[str]
    writable: bool = Field(description="false: Data Hub tự giữ cột này, giá trị gửi lên không được đọc.")


class ErrorOut(Schema):
    """What is wrong with one cell."""

    column: str
    code: str
    message: str
    suggestion: str | None


class ResultOut(Schema):
    """What became of one row."""

    row_id: str = Field(description="Mã dòng do bạn đặt (id).")
    row_number: int = Field(description="Vị trí trong lần gửi, từ 1.")
    accepted: bool
    status: str
    errors: list[ErrorOut]
    note: str = Field(description="Điều sẽ xảy ra tiếp theo, ví dụ giờ gửi tin dự kiến.")


class RowsOut(Schema):
    """What became of each row of a call, in their order."""

    batch_id: str = Field(description="Idempotency-Key của lần gửi.")
    results: list[ResultOut]


class RecordOut(Schema):
    """One visit."""

    id: int
    dataset_id: int
    row_id: str
    customer_id: int
    values: dict[str, str] = Field(description="Khóa cột → giá trị sạch; ngày dạng 2026-11-21.")
    status: str
    completed_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


class RecordsOut(Schema):
    """One page of visits, the longest unchanged first."""

    records: list[RecordOut]
    next: str | None = Field(description="Gửi lại ở tham số cursor để lấy trang sau; null: hết.")


class CustomerOut(Schema):
    """One person."""

    id: int
    code: str
    name: str
    phone: str
    labels: list[str]
    care: bool | None = Field(description="Đồng ý nhận tin chăm sóc; null: chưa hỏi.")
    promotion: bool | None = Field(description="Đồng ý nhận ưu đãi; null: chưa hỏi.")
    updated_at: datetime


def dataset_out(dataset: Dataset, *, is_open: bool) -> DatasetOut:
    """As the API tells a table."""
    return DatasetOut(id=dataset.pk, name=dataset.name, done_value=dataset.done_value, open=is_open)


def field_out(column: Column) -> FieldOut:
    """As the API tells a column."""
    return FieldOut(
        key=column.key,
        label=column.label,
        aliases=column.aliases,
        type=column.type,
        required=column.required,
        choices=column.choices,
        writable=column.owner != Column.Owner.HUB,
    )


def record_out(record: Record) -> RecordOut:
    """As the API tells a visit."""
    return RecordOut.model_construct(**{name: getattr(record, name) for name in RecordOut.model_fields})


def customer_out(customer: Customer) -> CustomerOut:
    """As the API tells a person. Prefetch their labels."""
    return CustomerOut(
        id=customer.pk,
        code=customer.code,
        name=customer.name,
        phone=customer.phone,
        labels=[label.name for label in customer.labels.all()],
        care=customer.care,
        promotion=customer.promotion,
        updated_at=customer.updated_at,
    )
