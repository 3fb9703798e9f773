"""One visit: its values, its history, and why it has or has not had a message."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from campaigns.story import stories
from datahub.editor.hub_values import hub_cells
from datahub.models import Record
from datahub.statuses import status_names
from integrations import clock


@require_GET
@requires(Ability.VIEW)
def record(request: MemberRequest, record_id: int) -> HttpResponse:
    """Values, history and the story of each campaign."""
    found = fetch(
        Record.objects.select_related("dataset", "source").prefetch_related("dataset__fields"),
        request,
        id=record_id,
    )
    context = {
        "record": found,
        "fields": found.dataset.live_fields,
        "hub_cells": hub_cells(found) if request.membership.may(Ability.EDIT_RECORDS) else [],
        "by_key": {field.key: field for field in found.dataset.fields.all()},
        "statuses": status_names(found.dataset),
        "events": found.events.order_by("-at", "-id")[:100],
        "rows": found.sheet_rows.all(),
        "stories": stories(found, clock.now()),
    }
    return render(request, "campaigns/record.html", context)
