"""Nhật ký tin: every message, and the history of one."""

from __future__ import annotations

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from campaigns import reactions
from campaigns.filters import MessageFilter
from campaigns.judgement import judge
from campaigns.models import Message, Reaction
from campaigns.models.message import MessageQuerySet
from integrations import clock

PAGE_SIZE = 30


@require_GET
@requires(Ability.VIEW)
def log(request: MemberRequest) -> HttpResponse:
    """All messages of the clinic, newest first; htmx gets the table alone."""
    form = MessageFilter(request.GET, workspace=request.workspace)
    found = form.narrow(Message.objects.filter(workspace=request.workspace))
    page = Paginator(with_names(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "show_campaign": True}
    return page_or_fragment(request, "campaigns/messages.html", "campaigns/_messages.html", context)


@require_GET
@requires(Ability.VIEW)
def message(request: MemberRequest, message_id: int) -> HttpResponse:
    """One message's parameters and moves: below its row for htmx, else a page."""
    found = fetch(with_names(Message.objects.all()), request, id=message_id)
    context = {"message": found, "history": reactions.history(found)}
    return page_or_fragment(request, "campaigns/message.html", "campaigns/_message.html", context)


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def judged(request: MemberRequest, message_id: int) -> HttpResponse:
    """A person ends the doubt about a message whose outcome nobody knows."""
    found = fetch(Message.objects.select_related("workspace"), request, id=message_id)
    if judge(message=found, reached=request.POST.get("reached") == "yes", actor=request.user, now=clock.now()):
        notices.success(request, _("Đã ghi nhận kết quả của tin."))
    else:
        notices.info(request, _("Tin này đã có kết quả, không cần xác nhận nữa."))
    return redirect("campaigns:message", message_id=found.pk)


def with_names(found: MessageQuerySet) -> MessageQuerySet:
    """Newest first, with everything that a row shows."""
    rated = Reaction.objects.filter(kind=Reaction.Kind.RATED).order_by("at")
    stars = Prefetch("reactions", rated, to_attr="stars")
    named = found.select_related("record", "template", "campaign", "account").prefetch_related(stars)
    return named.order_by("-created_at", "-id")
