"""What leaves the house: visits, people, rows to mend. Each time it is written down who took how much."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub.exports.answers import TOO_LONG, UNCLEAR, Outgoing, send
from datahub.exports.rows import customers_table, records_table, wrong_rows_table
from datahub.forms.customers import CustomerFilter
from datahub.forms.records import RecordFilter
from datahub.imports.verdicts import verdicts
from datahub.models import Dataset, FileImport, Record
from datahub.people.customers import find
from integrations import clock
from integrations.vietnam import local


@require_POST
@requires(Ability.SEE_CONTACTS)
def records(request: MemberRequest, dataset_id: int) -> HttpResponseBase:
    """The visits of a table that the present search or segment finds."""
    dataset = fetch(Dataset.objects.prefetch_related("fields"), request, id=dataset_id)
    form = RecordFilter(request.GET, dataset=dataset, today=local(clock.now()).date())
    if not form.is_valid():
        messages.error(request, UNCLEAR)
        return redirect("datahub:records", dataset.pk)
    found = form.narrow(Record.objects.filter(dataset=dataset))
    out = Outgoing(found, records_table(dataset, found), dataset.name, f"dataset {dataset.pk}")
    return _sent(request, out) or redirect("datahub:records", dataset.pk)


@require_POST
@requires(Ability.SEE_CONTACTS)
def customers(request: MemberRequest) -> HttpResponseBase:
    """The customers that the present search finds."""
    form = CustomerFilter(request.GET, workspace=request.workspace)
    if not form.is_valid():
        messages.error(request, UNCLEAR)
        return redirect("datahub:customers")
    found = form.narrow(find(request.workspace, form.text))
    out = Outgoing(found, customers_table(found), _("Khách hàng"), "customers")
    return _sent(request, out) or redirect("datahub:customers")


@require_POST
@requires(Ability.SEE_CONTACTS)
def wrong_rows(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """The rows of a file that were refused, each with its reason: mended, they are brought in as a file of their own."""
    found = fetch(FileImport.objects.all(), request, id=import_id)
    wrong = verdicts(found, accepted=False)
    name = _("Dòng lỗi – %(name)s") % {"name": found.name.rpartition(".")[0]}
    out = Outgoing(wrong, wrong_rows_table(found, wrong), name, f"import {found.pk}")
    return _sent(request, out) or redirect("datahub:import", found.pk)


def _sent(request: MemberRequest, out: Outgoing) -> HttpResponseBase | None:
    """The download, or None with a word to the person where Excel cannot hold it."""
    form, now = request.POST.get("form", "csv"), clock.now()
    answer = send(out, form=form, narrowed_by=request.GET, workspace=request.workspace, by=request.user, now=now)
    if answer is None:
        messages.error(request, TOO_LONG)
    return answer
