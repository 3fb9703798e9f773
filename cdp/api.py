"""The whole API: the Data Hub's nouns, and what campaigns add to them."""

from __future__ import annotations

from django.http import Http404
from ninja import Router

from campaigns.api import messages, suppressions
from campaigns.explain import planned_notes
from datahub.api import customers, datasets, records
from datahub.api.door import TokenRequest, make_api
from datahub.api.rows import take_rows

api = make_api(
    title="Data Hub",
    version="1",
    description="API cho phần mềm phòng khám và bán hàng. Mỗi mã truy cập chỉ thấy dữ liệu của một doanh nghiệp.",
)
# Campaigns know what a row may expect next; the Data Hub is told it here.
take_rows(records.of_table, annotate=planned_notes)
api.add_router("/datasets", datasets.router)
api.add_router("/datasets", records.of_table)
api.add_router("/records", records.router)
api.add_router("/customers", customers.router)
api.add_router("/messages", messages)
api.add_router("/suppressions", suppressions)


elsewhere = Router()


@elsewhere.api_operation(["GET", "POST", "PUT", "PATCH", "DELETE"], "/{path:path}", include_in_schema=False)
def nothing_here(request: TokenRequest, path: str) -> None:
    """Every other address, said in the API's own shape."""
    raise Http404


# Last, so that it meets only what no other operation did.
api.add_router("", elsewhere)
# Made once: the framework refuses to be asked twice.
urls = api.urls
