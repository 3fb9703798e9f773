"""Thư viện mẫu: look, Sử dụng mẫu, Khởi tạo mẫu."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from campaigns import flow
from campaigns import library as templates
from campaigns.flow import Names
from datahub.tables import REFERENCE_SCHEMA
from datahub.text import search_key
from integrations import clock


@require_GET
@requires(Ability.VIEW)
def library(request: MemberRequest) -> HttpResponse:
    """Every template, or those that the search names."""
    asked = request.GET.get("q", "")
    found = [entry for entry in templates.entries() if _names(entry, asked)]
    return page_or_fragment(
        request, "campaigns/library.html", "campaigns/_entries.html", {"entries": found, "q": asked}
    )


@require_GET
@requires(Ability.VIEW)
def entry(request: MemberRequest, slug: str) -> HttpResponse:
    """One template: what it does, its picture, its message."""
    found = _entry(slug)
    names = Names({field["key"]: field["label"] for field in REFERENCE_SCHEMA}, {}, found.dataset.name, is_sample=True)
    pictures = [(part, flow.draw(part.definition, names)) for part in found.campaigns]
    used = templates.existing_groups(request.workspace, found)
    return render(request, "campaigns/entry.html", {"entry": found, "pictures": pictures, "used": used})


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def use(request: MemberRequest, slug: str) -> HttpResponse:
    """Khởi tạo mẫu: make the clinic's own copy and open it in the list."""
    group = templates.instantiate(workspace=request.workspace, entry=_entry(slug), actor=request.user, now=clock.now())
    messages.success(
        request,
        _("Đã khởi tạo “%(name)s”. Mở từng chiến dịch bên dưới để chọn mẫu tin và Kích hoạt.") % {"name": group},
    )
    return redirect(f"{reverse('campaigns:list')}?open={group.pk}#group-{group.pk}")


def _names(entry: templates.Entry, asked: str) -> bool:
    """Whether every word that was asked for is in what the template says of itself, marks and case ignored."""
    said = search_key(f"{entry.name} {entry.summary} {entry.audience} {entry.category}")
    return all(word in said for word in search_key(asked).split())


def _entry(slug: str) -> templates.Entry:
    found = templates.entry(slug)
    if found is None:
        raise Http404
    return found
