"""A table's columns."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub import tables
from datahub.forms.fields import FieldForm
from datahub.models import Dataset
from datahub.text import FieldError
from datahub.views.tabs import tabs


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def fields(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """A table's columns, and a form for one more."""
    dataset = fetch(Dataset.objects.prefetch_related("fields"), request, id=dataset_id)
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = tables.add_field(
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
        request, "datahub/fields.html", {"dataset": dataset, "form": form, "tab": "fields", **tabs(request.workspace)}
    )
