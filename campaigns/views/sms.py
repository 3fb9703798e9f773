"""Kết nối SMS: the clinic's account at the SMS vendor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import MemberRequest, requires
from accounts.roles import Ability
from campaigns.explain import reason_text
from campaigns.forms.sms import SmsForm
from campaigns.sms import connect_sms
from integrations import clock
from integrations.models import SmsAccount


@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def sms(request: MemberRequest) -> HttpResponse:
    """Show what is connected, with its keys masked; save what was typed."""
    account = SmsAccount.objects.filter(workspace=request.workspace).first()
    form = SmsForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        connect_sms(workspace=request.workspace, actor=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("Đã lưu kết nối SMS. Chọn kênh SMS ở bước gửi tin của chiến dịch để dùng."))
        return redirect("campaigns:sms")
    blocked = reason_text(account.blocked_reason, account.blocked_facts) if account else ""
    return render(request, "campaigns/sms.html", {"form": form, "account": account, "blocked": blocked})
