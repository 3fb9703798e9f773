"""Records: looking for them, and setting a visit's status."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from datahub.forms.records import RecordFilter
from datahub.models import Dataset, Field, Record
from datahub.newest import Stretch, stretch
from datahub.statuses import mark_status
from datahub.text import FieldError
from datahub.views.tabs import tabs
from integrations import clock
from integrations.vietnam import local

PAGE_SIZE = 25
_BESIDE = ("customer_id", "customer_name", "status")  # shown in columns of their own


@require_GET
@requires(Ability.VIEW)
def home(request: MemberRequest) -> HttpResponse:
    """The first table, or what to do while there is none."""
    dataset = request.workspace.datasets.order_by("id").first()
    if dataset is not None:
        return redirect("datahub:records", dataset.pk)
    return render(request, "datahub/empty.html", tabs(request.workspace))


@require_GET
@requires(Ability.VIEW)
def records(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """A table's records, newest first; htmx gets the table alone. Paged by the last one shown, so any page is quick."""
    dataset = fetch(Dataset.objects.prefetch_related("fields"), request, id=dataset_id)
    form = RecordFilter(request.GET, dataset=dataset, today=local(clock.now()).date())
    before = request.GET.get("before", "")
    found = stretch(form.narrow(Record.objects.filter(dataset=dataset)), before=before, size=PAGE_SIZE)
    context = {"dataset": dataset, "columns": _columns(dataset), "form": form, "tab": dataset}
    if isinstance(found, Stretch):
        context |= {"records": found.records, "older": found.older, "is_later": bool(before)}
    else:
        context["is_too_long"] = True
    if not context.get("records"):
        context["has_errors"] = request.workspace.sheet_rows.filter(accepted=False).exists()
    around = {} if request.htmx else tabs(request.workspace)
    return page_or_fragment(request, "datahub/records.html", "datahub/_records.html", context | around)


@require_POST
@requires(Ability.EDIT_RECORDS)
def set_status(request: MemberRequest, record_id: int) -> HttpResponse:
    """Set a visit's status in place; the row that comes back offers to set the former one."""
    record = fetch(Record.objects.select_related("dataset"), request, id=record_id)
    former = record.status
    outcome = mark_status(
        record=record, status=request.POST.get("status", ""), actor=str(request.user), now=clock.now()
    )
    error = outcome.message if isinstance(outcome, FieldError) else ""
    if not request.htmx:
        messages.error(request, error) if error else messages.success(request, _("Đã đổi trạng thái."))
        return redirect("campaigns:record", record_id)
    context = {"record": record, "dataset": record.dataset, "columns": _columns(record.dataset), "error": error}
    if record.status != former:
        context |= {"undo": former, "changed": True}
    return render(request, "datahub/_record_row.html", context)


def _columns(dataset: Dataset) -> list[Field]:
    return [field for field in dataset.live_fields if field.key not in _BESIDE]
