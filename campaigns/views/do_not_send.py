"""Danh sách không gửi: the phones that nobody writes to, and whether silence stops an offer."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from campaigns import suppressions
from campaigns.forms.suppressions import StopForm
from campaigns.models import Suppression
from integrations import clock

PAGE_SIZE = 30


@require_GET
@requires(Ability.VIEW)
def do_not_send(request: MemberRequest) -> HttpResponse:
    """The list, newest first, and a form for one phone more."""
    return _page(request, StopForm(now=clock.now()))


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def add(request: MemberRequest) -> HttpResponse:
    """Put one phone on the list."""
    now = clock.now()
    form = StopForm(request.POST, now=now)
    if not form.is_valid():
        return _page(request, form)
    suppressions.stop(workspace=request.workspace, **form.cleaned_data, actor=request.user, now=now)
    messages.success(request, _("Đã thêm vào danh sách không gửi."))
    return redirect("campaigns:do_not_send")


def _page(request: MemberRequest, form: StopForm) -> HttpResponse:
    found = Suppression.objects.filter(workspace=request.workspace).select_related("created_by")
    page = Paginator(found.order_by("-created_at", "-id"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": suppressions.lines(page.object_list, clock.now()), "form": form}
    return render(request, "campaigns/do_not_send.html", context)


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def lift(request: MemberRequest, mark_id: int) -> HttpResponse:
    """Let a phone be written to again."""
    mark = fetch(Suppression.objects.select_related("workspace"), request, id=mark_id)
    suppressions.lift(mark=mark, actor=request.user, now=clock.now())
    messages.success(request, _("Số này được gửi tin trở lại. Nếu nhầm, bấm Đặt lại ở dòng của số."))
    return redirect("campaigns:do_not_send")


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def put_back(request: MemberRequest, mark_id: int) -> HttpResponse:
    """Take a lifting back."""
    mark = fetch(Suppression.objects.select_related("workspace"), request, id=mark_id)
    suppressions.put_back(mark=mark, actor=request.user, now=clock.now())
    messages.success(request, _("Số này lại nằm trong danh sách không gửi."))
    return redirect("campaigns:do_not_send")


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def asks_before_offers(request: MemberRequest) -> HttpResponse:
    """Cần đồng ý trước khi gửi ưu đãi."""
    suppressions.ask_before_offers(
        workspace=request.workspace, asks=request.POST.get("asks") == "on", actor=request.user, now=clock.now()
    )
    messages.success(request, _("Đã lưu."))
    return redirect("campaigns:do_not_send")
