"""A clinic's tables and their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts.models import Workspace
from datahub.editor.field_rules import longest
from datahub.models import Dataset, Field
from datahub.schema import STATUS, FieldSpec, Schema

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


def spec_of(field: Field) -> FieldSpec:
    """A column's settings as a value. It never promises more than the columns of Customer and Record hold."""
    return FieldSpec(
        key=field.key,
        label=field.label,
        type=field.type,
        required=field.required,
        aliases=tuple(field.aliases),
        choices=tuple(field.choices),
        max_length=min(field.max_length, longest(field.key)),
        minimum=field.minimum,
        maximum=field.maximum,
        owner=field.owner,
    )


def schema_of(dataset: Dataset) -> Schema:
    """The table's live columns and its done value as they stand together at this moment: one query."""
    fields = list(Field.objects.filter(dataset=dataset, archived_at=None).select_related("dataset"))
    done_value = fields[0].dataset.done_value if fields else dataset.done_value
    return Schema(fields=tuple(map(spec_of, fields)), done_value=done_value)


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
