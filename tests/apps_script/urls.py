"""The sheet's addresses, and levers for what happens on our side meanwhile: messages go out, the campaign is paused."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from datahub.models import OutcomeCell, SheetRow, Source
from datahub.sources import close_source, open_source
from integrations import clock
from tests.datahub import urls


@csrf_exempt
def outcomes(request: HttpRequest, key: str) -> HttpResponse:
    """Something happened to the message of every row that was taken."""
    source, now = Source.objects.get(key=key), clock.now()
    for row in SheetRow.objects.filter(source=source, accepted=True):
        text = f"Tin {row.row_id[:8]} lần {request.body.decode()}"
        facts = {"text": text, "changed_at": now, "told_at": None, "workspace": source.workspace}
        OutcomeCell.objects.update_or_create(source=source, row_id=row.row_id, defaults=facts)
    return HttpResponse()


@csrf_exempt
def lever(request: HttpRequest, key: str, is_open: bool) -> HttpResponse:
    """The sync campaign is paused, or goes on."""
    (open_source if is_open else close_source)(source=Source.objects.get(key=key))
    return HttpResponse()


urlpatterns = [
    *urls.urlpatterns,
    path("hooks/sheets/<str:key>/outcomes", outcomes),
    path("hooks/sheets/<str:key>/open", lever, {"is_open": True}),
    path("hooks/sheets/<str:key>/close", lever, {"is_open": False}),
]
