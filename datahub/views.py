"""The Data Hub's pages: records, rows in error, columns and sources."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.audit import record_audit
from accounts.models import Workspace
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from datahub import services
from datahub.forms import FieldForm, RecordFilter
from datahub.models import Dataset, Field, Record, SheetRow, Source
from datahub.text import FieldError
from integrations import clock, google_sheets

PAGE_SIZE = 25
_BESIDE = ("customer_id", "customer_name", "status")  # shown in columns of their own
_CODE_GS = Path(google_sheets.__file__).parent / "apps_script" / "Code.gs"


@require_GET
@requires(Ability.VIEW)
def home(request: MemberRequest) -> HttpResponse:
    """The first table, or what to do while there is none."""
    dataset = request.workspace.datasets.order_by("id").first()
    if dataset is not None:
        return redirect("datahub:records", dataset.pk)
    return render(request, "datahub/empty.html", _tabs(request.workspace))


@require_GET
@requires(Ability.VIEW)
def records(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """A table's records, newest first; htmx gets the table alone."""
    dataset = fetch(Dataset.objects.prefetch_related("fields"), request, id=dataset_id)
    form = RecordFilter(request.GET, dataset=dataset)
    found = form.narrow(Record.objects.filter(dataset=dataset)).order_by("-updated_at", "-id")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"dataset": dataset, "columns": _columns(dataset), "page": page, "form": form, "tab": dataset}
    if not page.object_list:
        context["has_errors"] = request.workspace.sheet_rows.filter(accepted=False).exists()
    around = {} if request.htmx else _tabs(request.workspace)
    return page_or_fragment(request, "datahub/records.html", "datahub/_records.html", context | around)


@require_POST
@requires(Ability.EDIT_RECORDS)
def set_status(request: MemberRequest, record_id: int) -> HttpResponse:
    """Set a visit's status in place; the row that comes back offers to set the former one."""
    record = fetch(Record.objects.select_related("dataset"), request, id=record_id)
    former = record.status
    outcome = services.mark_status(
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


@require_GET
@requires(Ability.VIEW)
def errors(request: MemberRequest) -> HttpResponse:
    """Rows that were not taken, with the exact reason."""
    rows = (
        SheetRow.objects.filter(workspace=request.workspace, accepted=False)
        .select_related("source")
        .order_by("-seen_at", "-id")
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "datahub/errors.html", {"page": page, "tab": "errors", **_tabs(request.workspace)})


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def fields(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """A table's columns, and a form for one more."""
    dataset = fetch(Dataset.objects.prefetch_related("fields"), request, id=dataset_id)
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = services.add_field(
            dataset=dataset,
            label=form.cleaned_data["label"],
            type=form.cleaned_data["type"],
            required=form.cleaned_data["required"],
            choices=form.cleaned_data["choices_text"],
        )
        if not isinstance(outcome, FieldError):
            messages.success(
                request, _("Đã thêm cột “%(name)s”. Hãy thêm cột cùng tên vào Google Sheet.") % {"name": outcome.label}
            )
            return redirect("datahub:fields", dataset.pk)
        form.add_error("label", outcome.message)
    return render(
        request, "datahub/fields.html", {"dataset": dataset, "form": form, "tab": "fields", **_tabs(request.workspace)}
    )


@require_GET
@requires(Ability.VIEW)
def sources(request: MemberRequest) -> HttpResponse:
    """The sheets that feed the tables."""
    found = request.workspace.sources.select_related("dataset").order_by("id")
    return render(request, "datahub/sources.html", {"sources": found, "tab": "sources", **_tabs(request.workspace)})


@require_GET
@requires(Ability.VIEW)
def source(request: MemberRequest, source_id: int) -> HttpResponse:
    """How to connect one sheet: address, key, secret, script."""
    found = fetch(Source.objects.select_related("dataset"), request, id=source_id)
    return render(request, "datahub/source.html", {"source": found, "tab": "sources", **_tabs(request.workspace)})


@require_POST
@never_cache
@requires(Ability.MANAGE_CONNECTIONS)
def reveal_secret(request: MemberRequest, source_id: int) -> HttpResponse:
    """Show a source's secret once, and write down who looked."""
    found = fetch(Source.objects.all(), request, id=source_id)
    record_audit(
        workspace=request.workspace,
        actor=request.user,
        action="source.reveal_secret",
        subject=found.pk,
        now=clock.now(),
    )
    return render(request, "datahub/_secret.html", {"source": found, "secret": found.secret})


@require_GET
@requires(Ability.VIEW)
def script(request: MemberRequest) -> HttpResponse:
    """The Apps Script that a clinic pastes into its sheet."""
    headers = {"content-type": "text/plain; charset=utf-8", "content-disposition": 'attachment; filename="Code.gs"'}
    return HttpResponse(_CODE_GS.read_bytes(), headers=headers)


def _columns(dataset: Dataset) -> list[Field]:
    return [field for field in dataset.fields.all() if field.key not in _BESIDE]


def _tabs(workspace: Workspace) -> dict[str, object]:
    return {
        "datasets": workspace.datasets.order_by("id"),
        "error_count": workspace.sheet_rows.filter(accepted=False).count(),
    }
