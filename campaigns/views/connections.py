"""Kết nối: Official Accounts and their templates."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.audit import record_audit
from accounts.roles import Ability
from campaigns.accountforms import AccountForm
from integrations import clock
from integrations.models import MessageTemplate, OfficialAccount
from integrations.zalo import connect


@require_GET
@requires(Ability.VIEW)
def connections(request: MemberRequest) -> HttpResponse:
    """Every account with its templates."""
    templates = Prefetch("templates", MessageTemplate.objects.order_by("-status", "name"))
    accounts = request.workspace.official_accounts.prefetch_related(templates).order_by("name")
    return render(request, "campaigns/connections.html", {"accounts": accounts, "now": clock.now()})


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def add(request: MemberRequest) -> HttpResponse:
    """Connect an Official Account."""
    form = AccountForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST" and form.is_valid():
        account = connect.register_account(workspace=request.workspace, **form.details(clock.now()))
        record_audit(
            workspace=request.workspace,
            actor=request.user,
            action="account.connect",
            subject=account.oa_id,
            now=clock.now(),
        )
        messages.success(
            request, _("Đã kết nối “%(name)s”. Bấm Đồng bộ mẫu tin để lấy các mẫu ZNS.") % {"name": account}
        )
        return redirect("campaigns:connections")
    return render(request, "campaigns/connect.html", {"form": form})


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def sync(request: MemberRequest, account_id: int) -> HttpResponse:
    """Đồng bộ mẫu tin."""
    account = fetch(OfficialAccount.objects.all(), request, id=account_id)
    try:
        count = connect.sync_templates(account=account, clock=clock)
    except connect.ZaloDidNotAnswer as silence:
        messages.error(request, _("Chưa đồng bộ được: Zalo không trả lời. %(said)s") % {"said": silence})
    else:
        messages.success(request, _("Đã đồng bộ %(count)s mẫu tin của “%(name)s”.") % {"count": count, "name": account})
    return redirect("campaigns:connections")


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def unblock(request: MemberRequest, account_id: int) -> HttpResponse:
    """A person says that the cause is mended: sends go on."""
    account = fetch(OfficialAccount.objects.all(), request, id=account_id)
    connect.unblock(account)
    record_audit(
        workspace=request.workspace,
        actor=request.user,
        action="account.unblock",
        subject=account.oa_id,
        now=clock.now(),
    )
    messages.success(request, _("“%(name)s” được gửi tin trở lại.") % {"name": account})
    return redirect("campaigns:connections")
