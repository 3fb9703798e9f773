"""A campaign's runs, the visits in it, and its messages."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from campaigns import activation, fitting, reactions
from campaigns.models import Campaign
from campaigns.sums import campaign_sums
from campaigns.views.messages import with_names
from integrations import clock

PAGE_SIZE = 30


def shared(campaign: Campaign, tab: str) -> dict[str, Any]:
    """What every tab of a campaign shows above itself."""
    draft = campaign.state != Campaign.State.ACTIVE
    return {
        "campaign": campaign,
        "tab": tab,
        "sums": campaign_sums(campaign),
        "ratings": reactions.ratings(campaign),
        "problems": activation.problems(campaign) if draft else [],
        "filter_problems": [] if draft else fitting.sentences(campaign),
        "backlog": activation.backlog(campaign, clock.now()) if draft else 0,
    }


def fetch_campaign(request: MemberRequest, campaign_id: int, *, locked: bool = False) -> Campaign:
    """A campaign of this clinic with what its pages read; locked, nobody else saves it meanwhile."""
    found = Campaign.objects.select_related("version", "group", "dataset", "source__dataset")
    if locked:
        found = found.select_for_update(of=("self",))
    return fetch(found.prefetch_related("dataset__fields"), request, id=campaign_id)


@require_GET
@requires(Ability.VIEW)
def runs(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """The planned runs, newest first, with how many visits each picked up."""
    campaign = fetch_campaign(request, campaign_id)
    found = campaign.occurrences.annotate(selected=Count("enrollments")).order_by("-planned_at")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "campaigns/runs.html", shared(campaign, "runs") | {"page": page})


@require_GET
@requires(Ability.VIEW)
def visits(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """The visits in the campaign: those that wait first, by their planned time."""
    campaign = fetch_campaign(request, campaign_id)
    found = campaign.enrollments.select_related("record", "version").order_by("-state", "due_at", "id")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "campaigns/visits.html", shared(campaign, "visits") | {"page": page})


@require_GET
@requires(Ability.VIEW)
def sent(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """The campaign's messages."""
    campaign = fetch_campaign(request, campaign_id)
    page = Paginator(with_names(campaign.messages.all()), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "campaigns/sent.html", shared(campaign, "sent") | {"page": page})
