"""One customer: who they are, what happened to them, what they agreed to; and taking all of it away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.pages import page_number, page_or_fragment
from accounts.roles import Ability
from campaigns import erasure, suppressions
from campaigns.forms.customers import ConsentForm
from campaigns.forms.suppressions import StopForm
from campaigns.timeline import timeline
from datahub.models import Customer, Field, Merge
from datahub.people import consents
from datahub.people.customers import phones_of
from integrations import clock

_NOT_NOW = {
    erasure.NotNow.GONE: gettext_lazy("Khách này đã được xóa dữ liệu hoặc đã gộp vào khách khác."),
    erasure.NotNow.SENDING: gettext_lazy("Đang có tin gửi dở cho khách này, chưa xóa gì. Hãy thử lại sau vài phút."),
    erasure.NotNow.FILE: gettext_lazy(
        "Đang có tệp nhập dở, có thể chứa khách này, nên chưa xóa gì. Hãy nhập xong hoặc bỏ tệp rồi thử lại."
    ),
    erasure.NotNow.EVENTS: gettext_lazy("Zalo vừa báo về khách này, chưa xóa gì. Hãy thử lại sau vài phút."),
}


@require_GET
@requires(Ability.VIEW)
def customer(request: MemberRequest, customer_id: int) -> HttpResponse:
    """Facts and the story, newest first; htmx gets a further page of the story alone."""
    found = fetch(Customer.objects.select_related("workspace", "merged_into"), request, id=customer_id)
    page = timeline(found, page_number(request))
    fields = {field.key: field for field in Field.objects.filter(dataset__workspace=request.workspace)}
    context = {"customer": found, "page": page, "by_key": fields, "next": page.number + 1}
    if not request.htmx:
        context |= _facts(found)
    return page_or_fragment(request, "campaigns/customer.html", "campaigns/_timeline.html", context)


def _facts(found: Customer) -> dict[str, object]:
    now = clock.now()
    numbers = phones_of(found)
    merges = Merge.objects.filter(workspace=found.workspace_id, undone_at=None).select_related("kept", "gone")
    return {
        "phones": numbers,
        "labels": found.labels.all(),
        "known_labels": found.workspace.labels.all(),
        "visits": found.records.count(),
        "marks": suppressions.in_force(found.workspace, numbers, now),
        "stop_form": StopForm(now=now, of_customer=True),
        "consent_form": ConsentForm(),
        "merges": merges.filter(kept=found).order_by("-at"),
        "merged_by": merges.filter(gone=found).first(),
    }


@require_POST
@requires(Ability.EDIT_RECORDS)
def consent(request: MemberRequest, customer_id: int) -> HttpResponse:
    """Write down one word of a customer."""
    found = fetch(
        Customer.objects.select_related("workspace"), request, id=customer_id, erased_at=None, merged_into=None
    )
    form = ConsentForm(request.POST)
    if form.is_valid():
        consents.record_consent(customer=found, **form.cleaned_data, actor=request.user, now=clock.now())
        messages.success(request, _("Đã ghi nhận ý kiến của khách."))
    else:
        messages.error(request, _("Chưa ghi nhận được: hãy chọn mục đích, ý kiến và ghi bằng chứng."))
    return redirect("campaigns:customer", found.pk)


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def stop(request: MemberRequest, customer_id: int) -> HttpResponse:
    """Put all of a customer's phones on the do-not-send list."""
    found = fetch(Customer.objects.select_related("workspace"), request, id=customer_id, erased_at=None)
    form = StopForm(request.POST, now=clock.now(), of_customer=True)
    if form.is_valid():
        suppressions.stop_person(
            customer=found,
            phones=phones_of(found),
            **form.cleaned_data,
            actor=request.user,
            now=clock.now(),
        )
        messages.success(request, _("Từ nay không gửi tin cho khách này."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("campaigns:customer", found.pk)


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def erase(request: MemberRequest, customer_id: int) -> HttpResponse:
    """Take away everything known of a customer. The code is typed back, for there is no way back."""
    found = fetch(Customer.objects.select_related("workspace"), request, id=customer_id)
    if request.POST.get("code", "").strip().upper() != found.code:
        messages.error(request, _("Mã gõ lại không đúng nên chưa xóa gì."))
        return redirect("campaigns:customer", found.pk)
    refusal = erasure.erase(customer=found, actor=request.user, now=clock.now())
    if refusal:
        messages.error(request, _NOT_NOW[refusal])
    else:
        messages.success(
            request, _("Đã xóa dữ liệu của khách. Dòng của khách trong Google Sheet sẽ không được nhận lại.")
        )
    return redirect("campaigns:customer", found.pk)


@require_GET
@requires(Ability.MANAGE_CUSTOMERS)
def erasures(request: MemberRequest) -> HttpResponse:
    """Who was erased, by our number for them alone, and a door for who comes back."""
    found = Customer.objects.filter(workspace=request.workspace, erased_at__isnull=False).order_by("-erased_at", "-id")
    return render(request, "campaigns/erasures.html", {"customers": found[:200]})


@require_POST
@requires(Ability.MANAGE_CUSTOMERS)
def readmit(request: MemberRequest) -> HttpResponse:
    """Let the rows of an erased person in again, who came back and wants to be known."""
    named = request.POST.get("named", "")
    if erasure.readmit(workspace=request.workspace, named=named, actor=request.user, now=clock.now()):
        messages.success(request, _("Đã nhận lại. Hãy đặt Gửi webhook = Cập nhật lại ở dòng của khách."))
    else:
        messages.error(request, _("Không có khách đã xóa nào mang mã hoặc số điện thoại này."))
    return redirect("campaigns:erasures")
