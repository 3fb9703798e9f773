"""Customers: looking for them, labels, and one person under two codes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.audit import record_audit
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from datahub.forms.customers import CustomerFilter
from datahub.models import Customer, Label, Merge
from datahub.people import duplicates, labels, merging
from datahub.people.customers import find, phones_of
from datahub.text import FieldError
from datahub.views.tabs import tabs
from integrations import clock

PAGE_SIZE = 25
_CANNOT = {
    merging.CannotMerge.SAME: gettext_lazy("Đây là cùng một mã khách hàng."),
    merging.CannotMerge.MERGED: gettext_lazy("Một trong hai khách đã được gộp vào khách khác, hãy mở khách đó."),
    merging.CannotMerge.ERASED: gettext_lazy("Dữ liệu của khách này đã được xóa nên không gộp được."),
}


@require_GET
@requires(Ability.VIEW)
def customers(request: MemberRequest) -> HttpResponse:
    """The clinic's customers, newest first; htmx gets the table alone. Paged by the last one shown, so any page is quick."""
    form = CustomerFilter(request.GET, workspace=request.workspace)
    found = form.narrow(find(request.workspace, form.text)).select_related("merged_into").prefetch_related("labels")
    before = _customer_id(request, "before")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE_SIZE + 1])
    context = {
        "form": form,
        "customers": rows[:PAGE_SIZE],
        "older": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        "is_later": before is not None,
        "tab": "customers",
    }
    around = {} if request.htmx else tabs(request.workspace)
    return page_or_fragment(request, "datahub/customers.html", "datahub/_customers.html", context | around)


@require_POST
@never_cache
@requires(Ability.REVEAL_CONTACTS)
def reveal(request: MemberRequest, customer_id: int) -> HttpResponse:
    """Show one customer's name and phones, and write down who looked."""
    found = fetch(Customer.objects.all(), request, id=customer_id)
    record_audit(
        workspace=request.workspace,
        actor=request.user,
        action="customer.reveal",
        subject=found.pk,
        now=clock.now(),
    )
    return render(request, "datahub/_revealed.html", {"customer": found, "phones": phones_of(found)})


@require_POST
@requires(Ability.EDIT_RECORDS)
def add_label(request: MemberRequest, customer_id: int) -> HttpResponse:
    """Put a label on a customer."""
    found = fetch(Customer.objects.select_related("workspace"), request, id=customer_id, erased_at=None)
    outcome = labels.add_label(customer=found, name=request.POST.get("name", ""), actor=request.user, now=clock.now())
    if isinstance(outcome, FieldError):
        messages.error(request, outcome.message)
    return redirect("campaigns:customer", found.pk)


@require_POST
@requires(Ability.EDIT_RECORDS)
def remove_label(request: MemberRequest, customer_id: int, label_id: int) -> HttpResponse:
    """Take a label off a customer."""
    found = fetch(Customer.objects.select_related("workspace"), request, id=customer_id)
    label = fetch(Label.objects.all(), request, id=label_id)
    labels.remove_label(customer=found, label=label, actor=request.user, now=clock.now())
    return redirect("campaigns:customer", found.pk)


@require_GET
@requires(Ability.MANAGE_CUSTOMERS)
def likely(request: MemberRequest) -> HttpResponse:
    """Customers who may be one person under two codes."""
    after = duplicates.Place(phone=_customer_id(request, "phone") or 0, name=_customer_id(request, "name") or 0)
    page = duplicates.suggestions(request.workspace, after=after)
    return render(request, "datahub/duplicates.html", {"page": page, "tab": "customers"} | tabs(request.workspace))


def _customer_id(request: MemberRequest, name: str) -> int | None:
    """The id that the address gives under this name; None where it is none."""
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def merge(request: MemberRequest, customer_id: int) -> HttpResponse:
    """Put another code into this customer."""
    everybody = Customer.objects.select_related("workspace")
    kept = fetch(everybody, request, id=customer_id)
    gone = Customer.objects.filter(
        workspace=request.workspace, code=request.POST.get("code", "").strip().upper(), erased_at=None
    ).first()
    if gone is None:
        messages.error(request, _("Không có khách nào mang mã này. Hãy gõ đúng mã khách hàng cần gộp."))
        return redirect("campaigns:customer", kept.pk)
    outcome = merging.merge(kept=kept, gone=gone, actor=request.user, now=clock.now())
    if isinstance(outcome, merging.CannotMerge):
        messages.error(request, _CANNOT[outcome])
    else:
        messages.success(request, _("Đã gộp %(gone)s vào %(kept)s.") % {"gone": gone.code, "kept": kept.code})
    return redirect("campaigns:customer", kept.pk)


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def unmerge(request: MemberRequest, merge_id: int) -> HttpResponse:
    """Take two codes apart again."""
    done = fetch(Merge.objects.select_related("workspace", "gone"), request, id=merge_id)
    if merging.unmerge(done=done, actor=request.user, now=clock.now()):
        messages.success(request, _("Đã tách %(gone)s ra như trước khi gộp.") % {"gone": done.gone.code})
    else:
        messages.info(request, _("Lần gộp này đã được tách rồi."))
    return redirect("campaigns:customer", done.gone_id)
