"""Hạn mức."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from campaigns import reports
from integrations import clock


@require_GET
@requires(Ability.VIEW)
def quota(request: MemberRequest) -> HttpResponse:
    """Every account's gates: used, left, until when, and by which rule."""
    accounts = reports.quota_page(workspace=request.workspace, now=clock.now())
    return page_or_fragment(request, "campaigns/quota.html", "campaigns/_quota.html", {"accounts": accounts})
