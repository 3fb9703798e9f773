"""Hạn mức."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import MemberRequest, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from campaigns import gates, graphs
from campaigns.caps import set_caps
from campaigns.forms.caps import CapsForm
from campaigns.standing.outlook import outlook
from integrations import clock
from integrations.vietnam import local


@require_GET
@requires(Ability.VIEW)
def quota(request: MemberRequest) -> HttpResponse:
    """Every account's gates; htmx asks for these again. The page looks ahead too, for one account at a time."""
    now = clock.now()
    accounts = gates.quota_page(workspace=request.workspace, now=now)
    context: dict[str, Any] = {"accounts": accounts}
    if not request.htmx:
        context |= {"caps": CapsForm(workspace=request.workspace)} | _ahead(request, accounts, now)
    return page_or_fragment(request, "campaigns/quota.html", "campaigns/_quota.html", context)


def _ahead(request: MemberRequest, accounts: list[gates.AccountQuota], now: datetime) -> dict[str, Any]:
    """The promotion quota ahead of the account that was asked for, else of the first."""
    found = [each.account for each in accounts]
    if not found:
        return {}
    chosen = next((each for each in found if str(each.pk) == request.GET.get("account")), found[0])
    ahead = outlook(chosen, now)
    return {"chosen": chosen, "ahead": ahead, "burn": graphs.burn(ahead.burn_down), "today": local(now).date()}


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CAMPAIGNS)
def caps(request: MemberRequest) -> HttpResponse:
    """How many messages of each kind one person may get in a day, a week, a month."""
    form = CapsForm(request.POST if request.method == "POST" else None, workspace=request.workspace)
    if form.is_valid():
        set_caps(workspace=request.workspace, caps=form.caps, actor=request.user, now=clock.now())
        messages.success(request, _("Đã lưu giới hạn số tin cho mỗi khách."))
        return redirect("campaigns:quota")
    return render(request, "campaigns/caps.html", {"form": form})
