"""Filling in the columns that the Data Hub keeps."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub.editor.hub_values import write_hub_values
from datahub.models import Record
from datahub.views.tabs import tabs
from integrations import clock

_FORMER = "former-"


@require_POST
@requires(Ability.EDIT_RECORDS)
def hub_values(request: MemberRequest, record_id: int) -> HttpResponse:
    """Store what was typed, or show it again beside what is wrong with it."""
    record = fetch(Record.objects.select_related("dataset"), request, id=record_id)
    sent = request.POST.items()
    former = {name.removeprefix(_FORMER): str(value) for name, value in sent if name.startswith(_FORMER)}
    typed = {name: str(value) for name, value in request.POST.items()}
    cells = write_hub_values(record=record, typed=typed, former=former, actor=request.user, now=clock.now())
    if any(cell.error for cell in cells):
        context = {"record": record, "hub_cells": cells, "tab": record.dataset}
        return render(request, "datahub/hub_values.html", context | tabs(request.workspace))
    messages.success(request, _("Đã lưu."))
    return redirect("campaigns:record", record_id)
