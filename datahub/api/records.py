"""Visits: read in the order of their changes, one by one, and their status set."""

from __future__ import annotations

from typing import Annotated

from django.db.models import Q
from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, StringConstraints

from accounts.access import fetch
from datahub.api import refusals
from datahub.api.door import TokenRequest
from datahub.api.refusals import READS_BODY, REFUSED
from datahub.api.shapes import RecordOut, RecordsOut, record_out
from datahub.fields import FieldError
from datahub.models import Dataset, Record
from datahub.paging import Cursor, Moment, read_cursor
from datahub.statuses import mark_status
from integrations import clock

of_table = Router(tags=["Lượt khám"])
router = Router(tags=["Lượt khám"])

Limit = Annotated[int, Query(ge=1, le=500)]


@of_table.get("/{int:dataset_id}/records", response={200: RecordsOut} | REFUSED, summary="Lượt khám đã đổi")
def records(
    request: TokenRequest,
    dataset_id: int,
    updated_since: Moment | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> RecordsOut | HttpResponse:
    """Lượt khám theo thứ tự lần đổi cuối. `next` của trang này là `cursor` của trang sau."""
    found = Record.objects.filter(dataset=fetch(Dataset.objects.all(), request, id=dataset_id))
    if updated_since is not None:
        found = found.filter(updated_at__gte=updated_since)
    if cursor is not None:
        after = read_cursor(cursor)
        if after is None:
            return refusals.wrong("cursor.unknown", "cursor", "phải là giá trị next của trang trước").answer()
        # The first condition is the index's; the second leaves out what that moment's page has told.
        found = found.filter(updated_at__gte=after.at).exclude(Q(updated_at=after.at) & Q(pk__lte=after.pk))
    page = list(found.order_by("updated_at", "id")[: limit + 1])
    last = page[limit - 1] if len(page) > limit else None
    return RecordsOut(
        records=[record_out(record) for record in page[:limit]],
        next=str(Cursor(last.updated_at, last.pk)) if last else None,
    )


@router.get("/{int:record_id}", response={200: RecordOut} | REFUSED, summary="Một lượt khám")
def record(request: TokenRequest, record_id: int) -> RecordOut:
    """Giá trị hiện tại của một lượt khám."""
    return record_out(fetch(Record.objects.all(), request, id=record_id))


class StatusIn(BaseModel):
    """What a visit's status becomes."""

    status: Annotated[str, StringConstraints(max_length=60)]


@router.patch("/{int:record_id}", response={200: RecordOut} | READS_BODY, summary="Đổi trạng thái lượt khám")
def set_status(request: TokenRequest, record_id: int, said: StatusIn) -> RecordOut | HttpResponse:
    """Đặt trạng thái. Trạng thái hoàn thành của bảng đưa lượt khám vào chiến dịch chăm sóc."""
    found = fetch(Record.objects.select_related("dataset"), request, id=record_id)
    actor = f"API · {request.auth.name}"
    outcome = mark_status(record=found, status=said.status, actor=actor, now=clock.now())
    if isinstance(outcome, FieldError):
        return refusals.wrong(outcome.code, "status", outcome.message).answer()
    return record_out(outcome)
