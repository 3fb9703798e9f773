"""Linking a sheet without a script: the account, the address, the tab, and how it goes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub.forms.links import AddressForm, KeyForm, LinkForm
from datahub.linked import links
from datahub.linked.links import NotLinked, SeenTab
from datahub.models import SheetLink, Source
from datahub.views.tabs import tabs
from integrations import clock

_PAGE = "datahub/link.html"


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Ability.MANAGE_CONNECTIONS)
def link_new(request: MemberRequest) -> HttpResponse:
    """The account first: a person must know with whom to share."""
    workspace = request.workspace
    wanted = {"target": f"source-{request.GET['source']}"} if "source" in request.GET else None
    form = LinkForm(
        request.POST or None, initial=wanted, sources=workspace.sources.all(), datasets=workspace.datasets.all()
    )
    if request.method == "POST" and form.is_valid():
        made = links.create_link(
            target=form.cleaned_data["target"],
            key=form.cleaned_data["key"],
            name=_("Bảng tính chia sẻ"),
            actor=request.user,
            now=clock.now(),
        )
        return redirect("datahub:link", made.source_id)
    return render(request, "datahub/link_new.html", {"form": form, "tab": "sources", **tabs(workspace)})


@require_GET
@never_cache
@requires(Ability.MANAGE_CONNECTIONS)
def link(request: MemberRequest, source_id: int) -> HttpResponse:
    """One linked sheet: with whom it is shared, which tab is read, and what is in the way."""
    return _page(request, _link(request, source_id))


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def link_attach(request: MemberRequest, source_id: int) -> HttpResponse:
    """Ask Google for the sheet at this address, and link it."""
    found, form = _link(request, source_id), AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    outcome = links.attach(link=found, address=form.cleaned_data["address"], actor=request.user, clock=clock)
    if isinstance(outcome, NotLinked):
        form.add_error("address", outcome.why)
        return _page(request, found, form=form)
    if not found.worksheet:
        return _page(request, found, seen=outcome)
    messages.success(
        request, _("Đã nối trang “%(tab)s”. Lần đọc đầu tiên trong vòng một phút.") % {"tab": found.worksheet}
    )
    return redirect("datahub:link", source_id)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def link_check(request: MemberRequest, source_id: int) -> HttpResponse:
    """Ask Google now: what the account sees, and a turn with the next bell."""
    found = _link(request, source_id)
    outcome = links.look(found, found.spreadsheet_id, clock)
    if isinstance(outcome, NotLinked):
        messages.error(request, outcome.why)
        return redirect("datahub:link", source_id)
    links.ring(found, clock.now())
    messages.success(request, _("Kết nối tốt: Google cho đọc bảng tính. Hệ thống sẽ đọc lại trong vòng một phút."))
    return _page(request, found, seen=outcome)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def link_tab(request: MemberRequest, source_id: int) -> HttpResponse:
    """Read another tab from now on."""
    found = _link(request, source_id)
    seen = links.look(found, found.spreadsheet_id, clock)
    if isinstance(seen, NotLinked):
        messages.error(request, seen.why)
        return redirect("datahub:link", source_id)
    chosen = next((each.tab for each in seen if str(each.tab.gid) == request.POST.get("gid")), None)
    if chosen is None:
        messages.error(request, _("Hãy chọn một trang trong danh sách."))
        return _page(request, found, seen=seen)
    refusal = links.choose_tab(link=found, tab=chosen, actor=request.user, now=clock.now())
    if refusal:
        messages.error(request, refusal.why)
    else:
        messages.success(request, _("Đã chọn trang “%(tab)s”.") % {"tab": chosen.title})
    return redirect("datahub:link", source_id)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def link_key(request: MemberRequest, source_id: int) -> HttpResponse:
    """Put another key in the place of the old one."""
    found, form = _link(request, source_id), KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, key_form=form)
    links.replace_key(link=found, key=form.cleaned_data["key"], actor=request.user, now=clock.now())
    messages.success(request, _("Đã thay khóa. Hãy chia sẻ bảng tính cho %(email)s.") % {"email": found.client_email})
    return redirect("datahub:link", source_id)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def link_end(request: MemberRequest, source_id: int) -> HttpResponse:
    """Read the sheet no more."""
    links.disconnect(link=_link(request, source_id), actor=request.user, now=clock.now())
    messages.success(request, _("Đã ngắt bảng tính và xóa khóa. Dữ liệu đã nhận được giữ nguyên."))
    return redirect("datahub:source", source_id)


def _link(request: MemberRequest, source_id: int) -> SheetLink:
    source = fetch(
        Source.objects.exclude(link=None).select_related("dataset", "link", "workspace"), request, id=source_id
    )
    source.link.source = source
    return source.link


def _page(
    request: MemberRequest,
    found: SheetLink,
    *,
    form: AddressForm | None = None,
    key_form: KeyForm | None = None,
    seen: list[SeenTab] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "link": found,
        "source": found.source,
        "form": form or AddressForm(),
        "key_form": key_form or KeyForm(),
        "seen": seen if seen and (len(seen) > 1 or not found.worksheet) else None,
        "tab": "sources",
    }
    return render(request, _PAGE, context | tabs(request.workspace))
