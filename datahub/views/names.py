"""Teaching a table the names of a sheet's columns."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import MemberRequest, requires
from accounts.roles import Ability
from datahub.editor import columns
from datahub.editor.field_words import sentence
from datahub.forms.names import NamesForm, PasteForm
from datahub.matching.headers import live_sheets
from datahub.matching.suggest import suggest
from datahub.tables import schema_of
from datahub.views.fields import table_of
from datahub.views.tabs import tabs
from integrations import clock


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def names(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """Suggest what each column of a header means; what is accepted becomes an alias or a new column.

    The header comes from a live sheet (`?sheet=`) or from the box where it is pasted.
    """
    dataset = table_of(request, dataset_id)
    sheets = [sheet for sheet in live_sheets(dataset) if sheet.headers]
    chosen = next((sheet for sheet in sheets if str(sheet.source.pk) == request.GET.get("sheet")), None)
    paste = PasteForm(request.POST or None, initial={"pasted": "\t".join(chosen.headers) if chosen else ""})
    context: dict[str, Any] = {"sheets": sheets, "chosen": chosen, "paste": paste}
    table = None
    if request.method == "POST" and paste.is_valid():
        table = paste.table()
    elif request.method == "GET" and chosen:
        table = list(chosen.headers), []
    if table:
        schema = schema_of(dataset)
        found = suggest(*table, schema)
        answered = request.POST if "save" in request.POST else None
        form = NamesForm(answered, suggestions=found, fields=schema.read)
        context |= {"found": found, "form": form}
        if answered and form.is_valid():
            said = form.answers()
            outcome = columns.take_names(dataset=dataset, names=said, actor=request.user, now=clock.now())
            if isinstance(outcome, list):
                told = ngettext("Đã ghép %(n)s cột.", "Đã ghép %(n)s cột.", len(said)) % {"n": len(said)}
                messages.success(request, told)
                return redirect("datahub:fields", dataset.pk)
            context["wrong"] = [(header, sentence(each)) for header, problems in outcome.items() for each in problems]
    page = {"dataset": dataset, "tab": "fields"} | context | tabs(request.workspace)
    return render(request, "datahub/names.html", page)
