"""The pieces of the filter form that htmx asks for: the form after a button, and what it finds."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub import segments
from datahub.conditions import AllOf
from datahub.filtering.form import FilterForm
from datahub.models import Dataset
from integrations import clock
from integrations.vietnam import local


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def form(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """The form with a line or a group more or less, or with the inputs of another field."""
    return render(request, "datahub/_filter.html", {"filter": _sent(request, dataset_id)})


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def found(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """What the form as it stands means, how many records it finds, and the newest of them."""
    sent = _sent(request, dataset_id)
    count = segments.found(sent.dataset, sent.tree, sent.today) if not sent.problems else None
    return render(request, "datahub/_filter_found.html", {"filter": sent, "found": count})


def _sent(request: MemberRequest, dataset_id: int) -> FilterForm:
    dataset = fetch(Dataset.objects.all(), request, id=dataset_id)
    return FilterForm(dataset, AllOf(), local(clock.now()).date(), request.POST)
