"""Tổng quan."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from campaigns import charts, onboarding, reports
from integrations import clock


@require_GET
@requires(Ability.VIEW)
def overview(request: MemberRequest) -> HttpResponse:
    """How today goes and what needs a person; htmx asks again every few seconds."""
    now = clock.now()
    today = reports.overview(workspace=request.workspace, now=now)
    context = {
        "today": today,
        "now": now,
        "hours": charts.hours(today.hourly),
        "week": charts.week(today.last_7_days),
        "steps": onboarding.steps(request.workspace),
    }
    return page_or_fragment(request, "campaigns/overview.html", "campaigns/_overview.html", context)
