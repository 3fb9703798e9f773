"""The statuses a visit can have."""

from __future__ import annotations

from datahub.models import Dataset
from datahub.schema import STATUS


def status_names(dataset: Dataset) -> list[str]:
    """The statuses a visit of this table can have."""
    field = next((field for field in dataset.fields.all() if field.key == STATUS), None)
    names = list(field.choices) if field else []
    return names if dataset.done_value in names else [*names, dataset.done_value]
