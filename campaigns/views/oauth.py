"""Kết nối bằng Zalo: there, and back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, requires
from accounts.roles import Ability
from campaigns import zalo_words
from campaigns.connecting import Pending, come_back, set_out
from integrations import clock
from integrations.models import OfficialAccount
from integrations.zalo.oauth import NotConnected

_SESSION = "zalo_connect"


def go_to_zalo(request: MemberRequest, details: dict[str, Any], *, expected: str = "") -> HttpResponse:
    """Send the admin to Zalo's permission page; this browser alone may bring the answer back."""
    pending, url = set_out(workspace=request.workspace, details=details, expected=expected)
    request.session[_SESSION] = pending.kept()
    return HttpResponseRedirect(url)


@never_cache
@require_GET
@requires(Ability.MANAGE_CONNECTIONS)
def callback(request: MemberRequest) -> HttpResponse:
    """Zalo's redirect. Its state works once; only an answer that Zalo has not judged may be tried again."""
    result, pending = come_back(
        pending=Pending.read(request.session.get(_SESSION, "")),
        workspace=request.workspace,
        actor=request.user,
        query=request.GET.dict(),
        clock=clock,
    )
    if pending is None:
        request.session.pop(_SESSION, None)
    else:
        request.session[_SESSION] = pending.kept()
    if isinstance(result, NotConnected):
        said = zalo_words.not_connected(result)
        if result.asks_again:
            return render(request, "campaigns/connect_again.html", {"said": said})
        messages.error(request, said)
        return redirect("campaigns:connections")
    tell_connected(request, result)
    return redirect("campaigns:connections")


def tell_connected(request: MemberRequest, account: OfficialAccount) -> None:
    """Say that it is connected; one without templates yet needs them next."""
    said = _("Đã kết nối “%(name)s”.")
    if not account.templates.exists():
        said = _("Đã kết nối “%(name)s”. Bấm Đồng bộ mẫu tin để lấy các mẫu ZNS.")
    messages.success(request, said % {"name": account})
