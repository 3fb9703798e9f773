"""Looking a person up."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router

from datahub import phones
from datahub.api import refusals
from datahub.api.door import TokenRequest
from datahub.api.refusals import REFUSED
from datahub.api.shapes import CustomerOut, customer_out
from datahub.fields import FieldError
from datahub.models import Customer
from datahub.people.customers import MOST

router = Router(tags=["Khách hàng"])

Text = Annotated[str, Query(max_length=80)]


@router.get("", response={200: list[CustomerOut]} | REFUSED, summary="Tìm khách hàng")
def customers(request: TokenRequest, phone: Text = "", code: Text = "") -> list[CustomerOut] | HttpResponse:
    """Khách có đúng số điện thoại (cả nhà có thể chung một số) hoặc đúng mã; mã đã gộp trả về người được giữ."""
    found = Customer.objects.filter(workspace=request.workspace)
    if bool(phone.strip()) == bool(code.strip()):
        return refusals.wrong("customers.by_what", "phone, code", "phải có đúng một trong hai").answer()
    if phone.strip():
        number = phones.phone(phone)
        if isinstance(number, FieldError):
            return refusals.wrong(number.code, "phone", number.message).answer()
        found = found.standing().filter(phone=number)
    else:
        asked = found.filter(code=code.strip().upper()).values_list("id", "merged_into_id")
        found = found.standing().filter(pk__in=[kept or pk for pk, kept in asked])
    return [customer_out(each) for each in found.prefetch_related("labels").order_by("id")[:MOST]]
