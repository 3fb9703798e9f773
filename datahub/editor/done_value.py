"""What choosing another status for “done” would do, told before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from datahub.editor.usage import Use
from datahub.models import Dataset, Record
from datahub.schema import STATUS


@dataclass(frozen=True)
class DoneImpact:
    """`were_done` visits stay completed though their status no longer says so; `not_done` have the new status already."""

    were_done: int
    not_done: int
    uses: tuple[Use, ...]


def done_impact(*, dataset: Dataset, value: str, uses: Sequence[Use]) -> DoneImpact:
    """Count whom it touches, and name the campaigns and segments that wait for the former status. One query."""
    counts = Record.objects.filter(workspace_id=dataset.workspace_id, dataset=dataset).aggregate(
        were_done=Count("id", filter=Q(status=dataset.done_value, completed_at__isnull=False)),
        not_done=Count("id", filter=Q(status=value, completed_at=None)),
    )
    waiting = tuple(use for use in uses if use.key == STATUS and dataset.done_value in use.values)
    return DoneImpact(**counts, uses=waiting)
