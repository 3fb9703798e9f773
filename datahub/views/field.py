"""One column: its settings, what a change would break, archiving; and which status completes a visit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import MemberRequest, requires
from accounts.roles import Ability
from datahub.editor import columns
from datahub.editor.columns import Stale
from datahub.editor.done_value import done_impact
from datahub.editor.field_rules import SYSTEM, renamed, stamp
from datahub.editor.field_uses import hub_uses
from datahub.editor.field_words import differences, sentence
from datahub.editor.impact import Impact, impact_of
from datahub.editor.usage import UsesOf
from datahub.forms.fields import DoneValueForm, FieldForm
from datahub.models import Dataset, Field
from datahub.schema import FieldSpec
from datahub.tables import schema_of, spec_of
from datahub.views.fields import column_of, table_of
from datahub.views.tabs import tabs
from integrations import clock
from integrations.vietnam import local


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def edit(request: MemberRequest, dataset_id: int, key: str, usage: UsesOf) -> HttpResponse:
    """A column's settings. What a change would break is shown before it is stored; a harmless one is stored at once."""
    dataset = table_of(request, dataset_id)
    field = column_of(dataset, key)
    if field.archived_at:
        return redirect("datahub:fields", dataset.pk)
    old, now = spec_of(field), clock.now()
    form = FieldForm(request.POST or None, spec=old, today=local(now).date())
    seen = request.POST.get("seen", stamp(old))
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        new = renamed(form.settings, old)
        impact = None if request.POST.get("previewed") == stamp(new) else _impact(dataset, old, new, usage)
        if impact and impact.breaks:
            context |= {"impact": impact, "previewed": stamp(new)}
        else:
            outcome = columns.change_field(field=field, settings=new, seen=seen, actor=request.user, now=now)
            if isinstance(outcome, Field):
                messages.success(request, _("Đã lưu cột “%(name)s”.") % {"name": outcome.label})
                return redirect("datahub:fields", dataset.pk)
            context |= _not_stored(form, old, outcome)
            seen = context.get("now_seen", seen)
    return _page(request, dataset, "datahub/field.html", context | {"field": field, "seen": seen})


def _not_stored(form: FieldForm, old: FieldSpec, outcome: Any) -> dict[str, Any]:
    """Why the change was not stored: rules that it breaks, or what somebody else changed meanwhile."""
    if not isinstance(outcome, Stale):
        form.tell(outcome)
        return {}
    now = outcome.now or old
    return {"theirs": differences(form.settings, now), "is_stale": True, "now_seen": stamp(now)}


def _impact(dataset: Dataset, old: FieldSpec, new: FieldSpec | None, usage: UsesOf) -> Impact:
    uses = [*usage(dataset), *hub_uses(dataset)]
    today = local(clock.now()).date()
    return impact_of(dataset=dataset, schema=schema_of(dataset), old=old, new=new, uses=uses, today=today)


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def archive(request: MemberRequest, dataset_id: int, key: str, usage: UsesOf) -> HttpResponse:
    """What archiving a column would break, and doing it. A column that a running campaign asks about stays."""
    dataset = table_of(request, dataset_id)
    field = column_of(dataset, key)
    if field.archived_at or field.key in SYSTEM:
        return redirect("datahub:fields", dataset.pk)
    old = spec_of(field)
    impact = _impact(dataset, old, None, usage)
    if request.method == "POST" and not impact.stops:
        outcome = columns.set_archived(
            field=field, archived=True, seen=request.POST.get("seen", ""), actor=request.user, now=clock.now()
        )
        if isinstance(outcome, Field):
            messages.success(request, _("Đã cất cột “%(name)s”. Dữ liệu được giữ nguyên.") % {"name": field.label})
            return redirect("datahub:fields", dataset.pk)
        messages.error(request, _("Cột “%(name)s” vừa được người khác đổi, hãy xem lại.") % {"name": field.label})
    return _page(request, dataset, "datahub/field_archive.html", {"field": field, "impact": impact, "seen": stamp(old)})


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def done_value(request: MemberRequest, dataset_id: int, usage: UsesOf) -> HttpResponse:
    """Which status completes a visit: chosen, its consequence shown, then stored."""
    dataset = table_of(request, dataset_id)
    form = DoneValueForm(request.POST or None, dataset=dataset)
    seen = request.POST.get("seen", dataset.done_value)
    context: dict[str, Any] = {"form": form, "seen": seen}
    if request.method == "POST" and form.is_valid():
        value = form.cleaned_data["done_value"]
        if value == dataset.done_value:
            return redirect("datahub:fields", dataset.pk)
        if request.POST.get("previewed") == value:
            outcome = columns.set_done_value(
                dataset=dataset, value=value, seen=seen, actor=request.user, now=clock.now()
            )
            if isinstance(outcome, Dataset):
                messages.success(request, _("Trạng thái hoàn thành nay là “%(name)s”.") % {"name": value})
                return redirect("datahub:fields", dataset.pk)
            context["seen"] = dataset.done_value
            told = (
                [_("Trạng thái hoàn thành vừa được người khác đổi, hãy xem lại.")]
                if isinstance(outcome, Stale)
                else map(sentence, outcome)
            )
            for text in told:
                form.add_error("done_value", text)
        else:
            uses = [*usage(dataset), *hub_uses(dataset)]
            context |= {"impact": done_impact(dataset=dataset, value=value, uses=uses), "previewed": value}
    return _page(request, dataset, "datahub/done_value.html", context)


def _page(request: MemberRequest, dataset: Dataset, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(
        request, template, {"dataset": dataset, "tab": "fields", "system": SYSTEM} | context | tabs(request.workspace)
    )
