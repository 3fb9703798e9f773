"""Having a linked sheet looked over now."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from datahub.linked.pulls import checkup_now
from datahub.models import Source
from integrations import clock


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def check_now(request: MemberRequest, source_id: int) -> HttpResponse:
    """Read the sheet again and examine it, without waiting for the night."""
    found = fetch(Source.objects.exclude(link=None), request, id=source_id)
    if checkup_now(source=found, clock=clock):
        messages.success(request, _("Đã đọc lại bảng tính và kiểm tra xong."))
    else:
        messages.error(request, _("Chưa đọc được bảng tính lúc này; thẻ kết nối cho biết lý do."))
    return redirect("datahub:source", source_id)
