"""Trang tài khoản: where an Official Account stands with Zalo, and the reports that people enter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.pages import page_or_fragment
from accounts.roles import Ability
from campaigns import graphs, phones
from campaigns.forms.reports import ReportsForm
from campaigns.standing import watch
from campaigns.standing.page import ReportsToday, account_history, account_standing
from campaigns.standing.words import BRAKE_SENTENCES, BRAKE_TONES, BRAKES
from integrations import clock
from integrations.base import Brake
from integrations.models import OfficialAccount
from integrations.vietnam import local


@require_GET
@requires(Ability.VIEW)
def account(request: MemberRequest, account_id: int) -> HttpResponse:
    """The ladder, the next judgement, today's reports; htmx asks for these again, the page has the history too."""
    return _page(request, fetch(OfficialAccount.objects.all(), request, id=account_id))


def _page(request: MemberRequest, found: OfficialAccount, form: ReportsForm | None = None) -> HttpResponse:
    now = clock.now()
    stands = account_standing(found, now)
    context: dict[str, Any] = {"account": found, "stands": stands, "now": now, "scale": _scale(stands.reports)}
    if not request.htmx:
        history = account_history(found, now)
        days = [row for _, row in history.days]
        context |= {
            "history": history,
            "today": local(now).date(),
            "said_phones": phones.unconfirmed(found) if request.membership.may(Ability.MANAGE_CONNECTIONS) else [],
            "form": form or ReportsForm(account=found),
            "quotas": graphs.steps(
                [row.daily_quota if row else None for row in days], [row is not None for row in days]
            ),
            "arrivals": graphs.columns([row.delivered if row else None for row in days]),
            "reported": graphs.columns([row.reports if row else None for row in days], "bad"),
        }
    return page_or_fragment(request, "campaigns/account.html", "campaigns/_standing.html", context)


def _scale(reports: ReportsToday) -> graphs.Scale | None:
    if not reports.marks:
        return None
    tones = {None: "bad"} | BRAKE_TONES
    return graphs.scale(reports.total, [(mark.at, tones[mark.brake]) for mark in reports.marks])


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def reports(request: MemberRequest, account_id: int) -> HttpResponse:
    """A person enters reports: the brake follows at once."""
    found = fetch(OfficialAccount.objects.all(), request, id=account_id)
    form = ReportsForm(request.POST, account=found)
    if not form.is_valid():
        return _page(request, found, form)
    count, template = form.cleaned_data["count"], form.cleaned_data["template"]
    total = watch.enter_reports(account=found, template=template, count=count, actor=request.user, now=clock.now())
    if total is None:
        form.add_error("count", _("Hôm nay chưa ghi nhiều báo xấu đến thế nên không bớt được."))
        return _page(request, found, form)
    _tell(request, found, _("Đã ghi báo xấu."))
    return redirect("campaigns:account", found.pk)


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def take_back(request: MemberRequest, account_id: int, entry_id: int) -> HttpResponse:
    """Hoàn tác the newest entry."""
    found = fetch(OfficialAccount.objects.all(), request, id=account_id)
    if watch.take_back(account=found, entry_id=entry_id, actor=request.user, now=clock.now()):
        _tell(request, found, _("Đã hoàn tác."))
    else:
        messages.error(request, _("Không hoàn tác được: đã có lần nhập mới hơn, hoặc đã sang ngày khác."))
    return redirect("campaigns:account", found.pk)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def confirm_phone(request: MemberRequest, account_id: int, user_id: int) -> HttpResponse:
    """Xác nhận: the phone that a Zalo user typed is theirs. The form names the phone that the person saw."""
    found = fetch(OfficialAccount.objects.all(), request, id=account_id)
    phone = request.POST.get("phone", "")
    if phones.confirm_phone(account=found, user=user_id, phone=phone, actor=request.user, now=clock.now()):
        messages.success(request, _("Đã xác nhận số điện thoại."))
    else:
        messages.error(request, _("Không xác nhận được: người này đã nhập số khác, hoặc số đã được xác nhận."))
    return redirect("campaigns:account", found.pk)


def _tell(request: MemberRequest, found: OfficialAccount, done: str) -> None:
    brake = Brake(found.brake)
    tell = messages.success if brake == Brake.NONE else messages.warning
    tell(request, f"{done} {BRAKES[brake]}: {BRAKE_SENTENCES[brake]}")
