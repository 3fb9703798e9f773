"""JSON webhooks: which program, how it proves itself, and which path is which column."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub.forms.programs import MappingForm, NewJsonForm, SignatureForm
from datahub.json.intake import mapping_of, try_out
from datahub.json.presets import find
from datahub.json.samples import Sample, read_sample
from datahub.json.sources import change_mapping, create_json_source, lacking
from datahub.models import Source
from datahub.programs import set_open
from datahub.tables import schema_of
from datahub.views.tabs import tabs
from integrations import clock


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def new(request: MemberRequest) -> HttpResponse:
    """Choose the program and the table; the source begins closed."""
    form = NewJsonForm(request.POST or None, datasets=request.workspace.datasets.all())
    if form.is_valid():
        source = create_json_source(**form.cleaned_data, actor=request.user, now=clock.now())
        return redirect("datahub:json", source.pk)
    return render(request, "datahub/json_new.html", {"form": form, "tab": "sources", **tabs(request.workspace)})


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def edit(request: MemberRequest, source_id: int) -> HttpResponse:
    """Map a sample's paths to columns: look at it, try it without storing anything, keep it."""
    source = _json_source(request, source_id)
    mapping, schema, step = mapping_of(source), schema_of(source.dataset), request.POST.get("step", "")
    sample = read_sample(request.POST.get("sample", ""))
    form = MappingForm(request.POST or None, schema=schema, mapping=mapping)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        source.mapping = form.made().model_dump()
        if step == "save":
            change_mapping(source=source, mapping=form.made(), actor=request.user, now=clock.now())
            messages.success(request, _("Đã lưu cách ghép. Lần gửi tiếp theo được đọc theo cách này."))
            return redirect("datahub:json", source.pk)
        if step == "try" and isinstance(sample, Sample):
            context["results"] = try_out(source=source, said=sample.body, now=clock.now())
    if isinstance(sample, Sample):
        context |= sample.shown(form["rows"].value() or "", schema)
        if step == "look" and not any(form[f"field-{spec.key}"].value() for spec in schema.read):
            form = _suggested(sample, form, context["paths"])
    elif sample:
        context["sample_problem"] = sample
    return _page(request, source, context | {"form": form, "sample": request.POST.get("sample", "")})


@never_cache
@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def signature(request: MemberRequest, source_id: int) -> HttpResponse:
    """How calls prove themselves, and perhaps another secret."""
    source = _json_source(request, source_id)
    form = SignatureForm(request.POST)
    if not form.is_valid():
        return _page(request, source, {"signature_form": form})
    changed = form.applied(mapping_of(source))
    secret = form.cleaned_data["secret"]
    change_mapping(source=source, mapping=changed, actor=request.user, now=clock.now(), secret=secret)
    messages.success(request, _("Đã lưu cách ký."))
    return redirect("datahub:json", source.pk)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def switch(request: MemberRequest, source_id: int) -> HttpResponse:
    """Let the program's rows in, once everything they need is mapped, or turn them away."""
    source = _json_source(request, source_id)
    wanted = request.POST.get("open") == "yes"
    if wanted and (missing := lacking(mapping_of(source), schema_of(source.dataset))):
        told = _("Chưa mở được: hãy ghép %(columns)s rồi lưu.") % {"columns": ", ".join(missing)}
        messages.error(request, told)
        return redirect("datahub:json", source.pk)
    if set_open(source=source, is_open=wanted, actor=request.user, now=clock.now()):
        messages.success(
            request, _("Nguồn đã mở.") if wanted else _("Nguồn đã đóng: lần gửi sau nhận câu trả lời 423.")
        )
    return redirect("datahub:json", source.pk)


def _json_source(request: MemberRequest, source_id: int) -> Source:
    return fetch(Source.objects.select_related("dataset", "workspace"), request, id=source_id, kind=Source.Kind.JSON)


def _suggested(sample: Sample, form: MappingForm, paths: list[Any]) -> MappingForm:
    """The same form with what the names and values of the sample's paths suggest."""
    initial = {f"field-{each.key}": each.path for each in paths if each.key}
    initial |= {"rows": form["rows"].value(), "row_id": form["row_id"].value() or sample.likely_id}
    return MappingForm(schema=form.schema, mapping=form.mapping, initial=initial)


def _page(request: MemberRequest, source: Source, more: dict[str, Any]) -> HttpResponse:
    mapping, schema = mapping_of(source), schema_of(source.dataset)
    said = {"delivery": mapping.delivery, **mapping.signature.model_dump()}
    context = {
        "source": source,
        "signature": mapping.signature,
        "preset": find(mapping.preset),
        "lacking": lacking(mapping, schema),
        "form": MappingForm(schema=schema, mapping=mapping),
        "signature_form": SignatureForm(initial=said),
        "tab": "sources",
    }
    return render(request, "datahub/json.html", context | more | tabs(request.workspace))
