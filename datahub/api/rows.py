"""Rows on their way in: judged, stored and answered as the rows of a sheet are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Router
from pydantic import BaseModel, Field, StringConstraints, WithJsonSchema

from accounts.access import fetch
from datahub.api import refusals
from datahub.api.door import TokenRequest
from datahub.api.refusals import READS_BODY, Problem
from datahub.api.shapes import RowsOut
from datahub.ingest import Annotate, Closed, Reused, ingest
from datahub.matching.headings import Headings
from datahub.models import Dataset, Record
from datahub.programs import api_source
from datahub.tables import schema_of
from integrations import clock
from integrations.google_sheets import protocol

_CELL: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
Values = Annotated[
    protocol.Cells,
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": _CELL,
            "description": "Khóa cột hoặc tên cột → giá trị.",
            "example": {"customer_id": "KH001", "customer_name": "Nguyễn Thị Hoa", "phone": "0912345678"},
        }
    ),
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._:-]+$")]


class RowIn(BaseModel):
    """One visit as the program has it."""

    id: protocol.RowId = Field(description="Mã dòng bên bạn, không đổi: gửi lại cùng mã là sửa lượt khám đó.")
    values: Values


class RowsIn(BaseModel):
    """The rows of one call."""

    rows: list[RowIn] = Field(max_length=protocol.MAX_ROWS)


def take_rows(router: Router, *, annotate: Annotate) -> None:
    """Add the operation that takes rows; `annotate` says what each may expect next, which the Data Hub does not know."""

    @router.post(
        "/{int:dataset_id}/records",
        response={200: RowsOut, frozenset({409, 423}): Problem} | READS_BODY,
        summary="Gửi lượt khám",
        operation_id="send_rows",
    )
    def send_rows(
        request: TokenRequest,
        dataset_id: int,
        said: RowsIn,
        idempotency_key: Annotated[Key, Header(alias="Idempotency-Key")],
    ) -> HttpResponse:
        """Gửi tối đa 500 dòng. Gửi lại cùng Idempotency-Key và cùng nội dung nhận đúng câu trả lời cũ."""
        dataset = fetch(Dataset.objects.all(), request, id=dataset_id)
        source = api_source(dataset)
        if source is None:
            return refusals.CLOSED.answer()
        batch, unread = _batch(dataset, idempotency_key, said)
        noted = _noting(annotate, unread)
        outcome = ingest(source=source, batch=batch, body=request.body, now=clock.now(), annotate=noted)
        if isinstance(outcome, Closed):
            return refusals.CLOSED.answer()
        if isinstance(outcome, Reused):
            return refusals.KEY_REUSED.answer()
        return HttpResponse(outcome.body, content_type="application/json")


def _batch(dataset: Dataset, key: str, said: RowsIn) -> tuple[protocol.SheetBatch, list[str]]:
    """The call as the intake knows calls, and the columns that the table does not have."""
    headings = Headings(schema_of(dataset))
    rows = [
        protocol.SheetRow.model_construct(
            row_id=row.id, row_number=number, request=protocol.ACCEPTED, values=headings.named(row.values)
        )
        for number, row in enumerate(said.rows, start=1)
    ]
    return protocol.SheetBatch.model_construct(batch_id=key, rows=rows), headings.unread


def _noting(annotate: Annotate, unread: Sequence[str]) -> Annotate:
    """A misspelt column is told beside every row: its values went nowhere."""
    if not unread:
        return annotate
    told = f"Không đọc cột: {', '.join(unread)}"

    def noted(records: Sequence[Record], now: datetime) -> Mapping[int, str]:
        notes = annotate(records, now)
        return {record.pk: " · ".join(filter(None, (notes.get(record.pk), told))) for record in records}

    return noted
