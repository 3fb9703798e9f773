"""A table's columns: seeing them, adding one, their order, and taking a change back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub.editor import columns
from datahub.editor.field_rules import SYSTEM, stamp
from datahub.editor.impact import tally
from datahub.forms.fields import FieldForm
from datahub.matching.headers import sheets_without
from datahub.models import Dataset, Field
from datahub.tables import spec_of
from datahub.views.tabs import tabs
from integrations import clock
from integrations.vietnam import local

LISTED = 200


def table_of(request: MemberRequest, dataset_id: int) -> Dataset:
    """The clinic's table with its columns, archived ones too."""
    return fetch(Dataset.objects.prefetch_related(Prefetch("fields", Field.objects.all())), request, id=dataset_id)


def column_of(dataset: Dataset, key: str) -> Field:
    """The table's column, or a 404."""
    field = next((field for field in dataset.fields.all() if field.key == key), None)
    if field is None:
        raise Http404
    return field


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def fields(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """A table's columns, and a form for one more. A new required column is first asked about where sheets lack it."""
    dataset, now = table_of(request, dataset_id), clock.now()
    form = FieldForm(request.POST or None, today=local(now).date())
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        settings, answer = form.settings, request.POST.get("start", "")
        lacking = sheets_without(dataset, settings)
        if answer == "optional":
            settings = replace(settings, required=False)
        if lacking and answer not in ("optional", "required"):
            context["lacking"] = lacking
        else:
            outcome = columns.add_field(dataset=dataset, settings=settings, actor=request.user, now=now)
            if isinstance(outcome, Field):
                messages.success(request, _added(outcome))
                return redirect("datahub:fields", dataset.pk)
            form.tell(outcome)
    return _page(request, dataset, context | {"form": form})


def _added(field: Field) -> str:
    if field.owner == Field.Owner.HUB:
        return _("Đã thêm cột “%(name)s”. Điền nó ở trang từng lượt khám.") % {"name": field.label}
    return _("Đã thêm cột “%(name)s”. Hãy thêm cột cùng tên vào Google Sheet.") % {"name": field.label}


def _page(request: MemberRequest, dataset: Dataset, context: dict[str, Any]) -> HttpResponse:
    live = dataset.live_fields
    listed = {
        "dataset": dataset,
        "live": live,
        "archived": [(field, stamp(spec_of(field))) for field in dataset.fields.all() if field.archived_at],
        "system": SYSTEM,
        "undoable": columns.undoable(dataset, request.user, clock.now()),
        "tab": "fields",
    }
    return render(request, "datahub/fields.html", listed | context | tabs(request.workspace))


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def move(request: MemberRequest, dataset_id: int, key: str) -> HttpResponse:
    """One place up or down; htmx gets the list alone, so that the pressed button keeps the focus."""
    dataset = table_of(request, dataset_id)
    field = column_of(dataset, key)
    columns.move_field(field=field, up=request.POST.get("to") == "up", actor=request.user, now=clock.now())
    if not request.htmx:
        return redirect("datahub:fields", dataset.pk)
    dataset = table_of(request, dataset_id)
    return render(
        request, "datahub/_field_list.html", {"dataset": dataset, "live": dataset.live_fields, "system": SYSTEM}
    )


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def restore(request: MemberRequest, dataset_id: int, key: str) -> HttpResponse:
    """Read and show an archived column again."""
    dataset = table_of(request, dataset_id)
    field = column_of(dataset, key)
    outcome = columns.set_archived(
        field=field, archived=False, seen=request.POST.get("seen", ""), actor=request.user, now=clock.now()
    )
    if isinstance(outcome, Field):
        messages.success(request, _("Đã dùng lại cột “%(name)s”.") % {"name": field.label})
    else:
        messages.error(request, _("Cột “%(name)s” vừa được người khác đổi, hãy xem lại.") % {"name": field.label})
    return redirect("datahub:fields", dataset.pk)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def undo(request: MemberRequest, dataset_id: int, entry_id: int) -> HttpResponse:
    """Hoàn tác the newest change of one's own."""
    dataset = table_of(request, dataset_id)
    if columns.undo(dataset=dataset, entry_id=entry_id, actor=request.user, now=clock.now()):
        messages.success(request, _("Đã hoàn tác."))
    else:
        messages.error(
            request, _("Không hoàn tác được: đã quá 15 phút, đã có thay đổi mới hơn hoặc cột đã có dữ liệu.")
        )
    return redirect("datahub:fields", dataset.pk)


@require_GET
@requires(Ability.MANAGE_CONNECTIONS)
def misfits(request: MemberRequest, dataset_id: int, key: str) -> HttpResponse:
    """The stored values that the column's settings refuse, each with its reason; nothing is changed by it."""
    dataset = table_of(request, dataset_id)
    field = column_of(dataset, key)
    found = tally(dataset, spec_of(field), local(clock.now()).date(), examples=LISTED)
    context = {"dataset": dataset, "field": field, "tally": found, "listed": LISTED, "tab": "fields"}
    return render(request, "datahub/field_misfits.html", context | tabs(request.workspace))
