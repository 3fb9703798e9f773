"""Where rows come from: choosing a way, connecting a sheet, and how its script is doing."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.audit import record_audit
from accounts.roles import Ability
from datahub import checkups
from datahub.forms.sources import SourceForm
from datahub.models import Source
from datahub.pulses import script_state
from datahub.sources import add_source
from datahub.views.tabs import tabs
from integrations import clock
from integrations.google_sheets import package


@require_GET
@requires(Ability.VIEW)
def sources(request: MemberRequest) -> HttpResponse:
    """The ways into the tables, and how each is doing."""
    found = (
        request.workspace.sources.exclude(kind=Source.Kind.FILE)
        .select_related("dataset", "link", "pulse")
        .order_by("id")
    )
    cards = [(source, script_state(source, clock.wall())) for source in found]
    return render(request, "datahub/sources.html", {"cards": cards, "tab": "sources", **tabs(request.workspace)})


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def source_new(request: MemberRequest) -> HttpResponse:
    """The ways there are; a sheet with the script is made here, the others on pages of their own."""
    form = SourceForm(request.POST or None, datasets=request.workspace.datasets.order_by("id"))
    if request.method == "POST" and form.is_valid():
        made = add_source(**form.cleaned_data, actor=request.user, now=clock.now())
        messages.success(request, _("Đã tạo nguồn “%(name)s”. Còn một bước: cài mã vào bảng tính.") % {"name": made})
        return redirect("datahub:source", made.pk)
    return render(request, "datahub/source_new.html", {"form": form, "tab": "sources", **tabs(request.workspace)})


@require_GET
@requires(Ability.VIEW)
def source(request: MemberRequest, source_id: int) -> HttpResponse:
    """How to connect one sheet: address, key, secret, script; and what is known of it since."""
    found = fetch(Source.objects.select_related("dataset", "link", "pulse"), request, id=source_id)
    context = {
        "source": found,
        "state": script_state(found, clock.wall()),
        "script": package.filled(url=_hook(found)),
        "version": package.version(),
        "report": checkups.latest(found, clock.wall()),
        "tab": "sources",
    }
    return render(request, "datahub/source.html", context | tabs(request.workspace))


@require_POST
@never_cache
@requires(Ability.MANAGE_CONNECTIONS)
def reveal_secret(request: MemberRequest, source_id: int) -> HttpResponse:
    """Show a source's secret once, and write down who looked."""
    found = _revealed(request, source_id, "page")
    return render(request, "datahub/_secret.html", {"source": found, "secret": found.secret})


@require_GET
@requires(Ability.VIEW)
def script(request: MemberRequest, source_id: int) -> HttpResponse:
    """The Apps Script for one sheet, with its address and without its secret."""
    found = fetch(Source.objects.all(), request, id=source_id)
    return _download(package.filled(url=_hook(found)))


@require_POST
@never_cache
@requires(Ability.MANAGE_CONNECTIONS)
def filled_script(request: MemberRequest, source_id: int) -> HttpResponse:
    """The Apps Script with address and secret in it: a reveal like the other one."""
    found = _revealed(request, source_id, "script")
    return _download(package.filled(url=_hook(found), secret=found.secret))


def _revealed(request: MemberRequest, source_id: int, where: str) -> Source:
    found = fetch(Source.objects.all(), request, id=source_id)
    record_audit(
        workspace=request.workspace,
        actor=request.user,
        action="source.reveal_secret",
        subject=found.pk,
        now=clock.now(),
        where=where,
    )
    return found


def _hook(source: Source) -> str:
    return f"{settings.PUBLIC_URL}/hooks/sheets/{source.key}"


def _download(text: str) -> HttpResponse:
    headers = {"content-type": "text/plain; charset=utf-8", "content-disposition": 'attachment; filename="Code.gs"'}
    return HttpResponse(text, headers=headers)
