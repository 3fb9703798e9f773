"""Rows that were not taken."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, requires
from accounts.roles import Ability
from datahub.models import SheetRow, Source
from datahub.views.tabs import tabs

PAGE_SIZE = 25


@require_GET
@requires(Ability.VIEW)
def errors(request: MemberRequest) -> HttpResponse:
    """Rows that were not taken, with the exact reason."""
    rows = (
        SheetRow.objects.filter(workspace=request.workspace, accepted=False)
        .select_related("source")
        .order_by("-seen_at", "-id")
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    sources = [row.source for row in page.object_list]
    # Where a row came from is where it is mended.
    mend = {
        "sheet": any(source.is_sheet for source in sources),
        "file": any(source.kind == Source.Kind.FILE for source in sources),
        "program": any(source.kind in (Source.Kind.JSON, Source.Kind.API) for source in sources),
    }
    context = {"page": page, "mend": mend, "tab": "errors", **tabs(request.workspace)}
    return render(request, "datahub/errors.html", context)
