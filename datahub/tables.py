"""A clinic's tables and their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from accounts.models import Workspace
from datahub.fields import FieldError
from datahub.models import Dataset, Field
from datahub.schema import STATUS, FieldSpec, Schema
from datahub.text import clean, fold, quoted, unaccented

# The columns of the post-treatment scenario, as its sheet names them.
REFERENCE_SCHEMA: tuple[Mapping[str, Any], ...] = (
    {"key": "customer_id", "label": "Mã khách hàng", "required": True},
    {"key": "customer_name", "label": "Họ và tên", "required": True},
    {"key": "phone", "label": "Số điện thoại", "type": "phone", "required": True},
    {"key": "service", "label": "Dịch vụ"},
    {"key": "visit_date", "label": "Ngày khám", "type": "date"},
    {"key": "doctor", "label": "Bác sĩ"},
    {"key": "shop_name", "label": "Chi nhánh"},
    {"key": "next_visit_date", "label": "Ngày tái khám", "type": "date"},
    {
        "key": STATUS,
        "label": "Trạng thái",
        "type": "choice",
        "choices": ["Đặt lịch", "Đang điều trị", "Đã hoàn thành", "Hủy"],
    },
)

# What the columns of Customer and Record can hold, whatever the clinic says of its own column.
_LONGEST = {"customer_id": 80, "customer_name": 200, STATUS: 60}
_LONGEST_TEXT = 2000


def schema_of(dataset: Dataset) -> Schema:
    """The table's columns as values. One query, or none where `fields` is prefetched."""
    specs = (
        FieldSpec(
            key=field.key,
            label=field.label,
            type=field.type,
            required=field.required,
            aliases=tuple(field.aliases),
            choices=tuple(field.choices),
            max_length=min(field.max_length, _LONGEST.get(field.key, _LONGEST_TEXT)),
        )
        for field in dataset.fields.all()
    )
    return Schema(fields=tuple(specs), done_value=dataset.done_value)


def create_dataset(
    *,
    workspace: Workspace,
    name: str,
    fields: Sequence[Mapping[str, Any]] = REFERENCE_SCHEMA,
    done_value: str = "Đã hoàn thành",
) -> Dataset:
    """A new table with these columns, each a mapping of Field's own attributes.

    ValueError where the columns that make a visit (customer code, name, phone) are not all there and required.
    """
    required = {field["key"] for field in fields if field.get("required")}
    if not required >= {"customer_id", "customer_name", "phone"}:
        raise ValueError("customer_id, customer_name and phone must be required columns")
    with transaction.atomic():
        dataset = Dataset.objects.create(workspace=workspace, name=name, done_value=done_value)
        Field.objects.bulk_create(
            Field(dataset=dataset, position=position, **field) for position, field in enumerate(fields)
        )
    return dataset


def add_field(
    *, dataset: Dataset, label: str, type: str = Field.Type.TEXT, required: bool = False, choices: Sequence[str] = ()
) -> Field | FieldError:
    """One more column at the end of the table, or why not. Its key is made from its label and never changes."""
    label = clean(label)
    existing = list(dataset.fields.all())
    names = {fold(name) for field in existing for name in (field.label, *field.aliases)}
    if not label or fold(label) in names:
        return FieldError("field.label", f"{quoted(label)}: bảng đã có cột này" if label else "tên cột đang để trống")
    key = _new_key(label, {field.key for field in existing})
    last = dataset.fields.aggregate(last=Max("position"))["last"] or 0
    return Field.objects.create(
        dataset=dataset,
        key=key,
        label=label,
        type=type,
        required=required,
        choices=[clean(item) for item in choices],
        position=last + 1,
    )


def _new_key(label: str, taken: set[str]) -> str:
    base = slugify(unaccented(label)).replace("-", "_")[:34] or "field"
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, 10_000))) if key not in taken)
