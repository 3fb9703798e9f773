"""The message log on its way out of the house."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MemberRequest, requires
from accounts.roles import Ability
from campaigns.filters import MessageFilter
from campaigns.message_rows import messages_table
from campaigns.models import Message
from datahub.exports.answers import TOO_LONG, UNCLEAR, Outgoing, send
from integrations import clock


@require_POST
@requires(Ability.SEE_CONTACTS)
def message_log(request: MemberRequest) -> HttpResponseBase:
    """The messages that the present search finds."""
    form = MessageFilter(request.GET, workspace=request.workspace)
    if not form.is_valid():
        messages.error(request, UNCLEAR)
        return redirect("campaigns:messages")
    found = form.narrow(Message.objects.filter(workspace=request.workspace))
    out = Outgoing(found, messages_table(found), _("Nhật ký tin"), "messages")
    answer = send(
        out,
        form=request.POST.get("form", "csv"),
        narrowed_by=request.GET,
        workspace=request.workspace,
        by=request.user,
        now=clock.now(),
    )
    if answer is None:
        messages.error(request, TOO_LONG)
    return answer or redirect("campaigns:messages")
