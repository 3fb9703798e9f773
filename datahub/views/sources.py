"""Where rows come from: connecting a sheet."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.audit import record_audit
from accounts.roles import Ability
from datahub.models import Source
from datahub.views.tabs import tabs
from integrations import clock, google_sheets

_CODE_GS = Path(google_sheets.__file__).parent / "apps_script" / "Code.gs"


@require_GET
@requires(Ability.VIEW)
def sources(request: MemberRequest) -> HttpResponse:
    """The sheets that feed the tables."""
    found = request.workspace.sources.select_related("dataset").order_by("id")
    return render(request, "datahub/sources.html", {"sources": found, "tab": "sources", **tabs(request.workspace)})


@require_GET
@requires(Ability.VIEW)
def source(request: MemberRequest, source_id: int) -> HttpResponse:
    """How to connect one sheet: address, key, secret, script."""
    found = fetch(Source.objects.select_related("dataset"), request, id=source_id)
    return render(request, "datahub/source.html", {"source": found, "tab": "sources", **tabs(request.workspace)})


@require_POST
@never_cache
@requires(Ability.MANAGE_CONNECTIONS)
def reveal_secret(request: MemberRequest, source_id: int) -> HttpResponse:
    """Show a source's secret once, and write down who looked."""
    found = fetch(Source.objects.all(), request, id=source_id)
    record_audit(
        workspace=request.workspace,
        actor=request.user,
        action="source.reveal_secret",
        subject=found.pk,
        now=clock.now(),
    )
    return render(request, "datahub/_secret.html", {"source": found, "secret": found.secret})


@require_GET
@requires(Ability.VIEW)
def script(request: MemberRequest) -> HttpResponse:
    """The Apps Script that a clinic pastes into its sheet."""
    headers = {"content-type": "text/plain; charset=utf-8", "content-disposition": 'attachment; filename="Code.gs"'}
    return HttpResponse(_CODE_GS.read_bytes(), headers=headers)
