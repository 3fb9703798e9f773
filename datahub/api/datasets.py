"""Tables and their columns."""

from __future__ import annotations

from ninja import Router

from accounts.access import fetch
from datahub.api.door import TokenRequest
from datahub.api.refusals import REFUSED
from datahub.api.shapes import DatasetOut, FieldOut, dataset_out, field_out
from datahub.models import Dataset, Source

router = Router(tags=["Bảng"])


@router.get("", response={200: list[DatasetOut]} | REFUSED, summary="Các bảng")
def datasets(request: TokenRequest) -> list[DatasetOut]:
    """Mọi bảng của doanh nghiệp."""
    open_ones = Source.objects.filter(workspace=request.workspace, kind=Source.Kind.API, is_open=True)
    taking = set(open_ones.values_list("dataset_id", flat=True))
    return [dataset_out(each, is_open=each.pk in taking) for each in request.workspace.datasets.order_by("id")]


@router.get("/{int:dataset_id}/fields", response={200: list[FieldOut]} | REFUSED, summary="Các cột của một bảng")
def fields(request: TokenRequest, dataset_id: int) -> list[FieldOut]:
    """Khóa, tên và kiểu của từng cột đang dùng."""
    dataset = fetch(Dataset.objects.prefetch_related("fields"), request, id=dataset_id)
    return [field_out(column) for column in dataset.live_fields]
