"""Mẫu tin ZNS: the gallery, one template, its wording, its trial, and the rows that would not fit."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.pages import page_number, page_or_fragment
from accounts.roles import Ability
from campaigns import gallery, zalo_words
from campaigns.forms.gallery import GalleryForm, TrialForm, WordingForm
from campaigns.models import Campaign
from campaigns.present_rows import Verdict, verdict
from datahub.models import Record
from integrations import clock
from integrations.models import MessageTemplate
from integrations.vietnam import local
from integrations.zalo.trial import PER_DAY, try_out

PAGE_SIZE = 24
ROWS = 20
VISITS = 20


@require_GET
@requires(Ability.VIEW)
def templates(request: MemberRequest) -> HttpResponse:
    """Every template of the clinic's accounts as a card."""
    form = GalleryForm(request.GET, workspace=request.workspace)
    found = form.found(_of(request)).order_by("-status", "name", "id")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    used = gallery.uses(request.workspace)
    visit = next(iter(_visits(request, 1)), None) if form.chosen == gallery.VISIT else None
    cards = [gallery.card(each, used.get(each.pk, []), shows=form.chosen, visit=visit) for each in page]
    context = {"form": form, "page": page, "cards": cards, "visit": visit}
    return page_or_fragment(request, "campaigns/templates.html", "campaigns/_cards.html", context)


def _of(request: MemberRequest) -> Any:
    return MessageTemplate.objects.filter(workspace=request.workspace).select_related("account")


def _visits(request: MemberRequest, count: int) -> list[Record]:
    """Visits to show a template with: a preview holds whole names, so none for those who may not see them."""
    return list(gallery.recent_visits(request.workspace)[:count]) if request.membership.may(Ability.SEE_NAMES) else []


def _template(request: MemberRequest, template_id: int) -> MessageTemplate:
    return fetch(MessageTemplate.objects.select_related("account", "workspace"), request, id=template_id)


@require_GET
@requires(Ability.VIEW)
def template(request: MemberRequest, template_id: int) -> HttpResponse:
    """One template: what the patient sees, what Zalo says of it, and what can be done with it."""
    return _page(request, _template(request, template_id))


def _page(
    request: MemberRequest,
    found: MessageTemplate,
    *,
    wording: WordingForm | None = None,
    trial: TrialForm | None = None,
) -> HttpResponse:
    used = gallery.uses(request.workspace).get(found.pk, [])
    visits = _visits(request, VISITS)
    visit = _chosen(request, visits)
    shows = gallery.VISIT if visit else request.GET.get("shows", gallery.NAMES)
    context = {
        "card": gallery.card(found, used, shows=shows, visit=visit),
        "template": found,
        "shows": shows,
        "visits": visits,
        "visit": visit,
        "wording": wording or WordingForm(template=found),
        "trial": trial or TrialForm(template=found, values=gallery.values_of(found, used, visit)),
        "trials_a_day": PER_DAY,
    }
    return render(request, "campaigns/template.html", context)


def _chosen(request: MemberRequest, visits: list[Record]) -> Record | None:
    return next((each for each in visits if str(each.pk) == request.GET.get("visit")), None)


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def wording(request: MemberRequest, template_id: int) -> HttpResponse:
    """Keep the pasted wording."""
    found = _template(request, template_id)
    form = WordingForm(request.POST, template=found)
    if not form.is_valid():
        return _page(request, found, wording=form)
    title, body = form.cleaned_data["title"], form.cleaned_data["body"]
    gallery.set_wording(template=found, title=title, body=body, actor=request.user, clock=clock)
    messages.success(request, _("Đã lưu nội dung mẫu."))
    return redirect("campaigns:template", found.pk)


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def trial(request: MemberRequest, template_id: int) -> HttpResponse:
    """Gửi thử."""
    found = _template(request, template_id)
    form = TrialForm(request.POST, template=found, values={})
    if not form.is_valid():
        return _page(request, found, trial=form)
    result = try_out(
        template=found, phone=form.cleaned_data["phone"], params=form.params, actor=request.user, clock=clock
    )
    tell = messages.success if result.went_out else messages.error
    tell(request, zalo_words.tried(result))
    return redirect("campaigns:template", found.pk)


@require_GET
@requires(Ability.VIEW)
def template_rows(request: MemberRequest, template_id: int) -> HttpResponse:
    """The rows present that this template would not fit, in any campaign that uses it."""
    found = _template(request, template_id)
    used = gallery.uses(request.workspace).get(found.pk, [])
    number = page_number(request)
    checked = verdict([(use, found) for use in used], today=_today(), start=(number - 1) * ROWS, count=ROWS)
    context = _rows(checked, number) | {"template": found, "is_used": bool(used)}
    return page_or_fragment(request, "campaigns/template_rows.html", "campaigns/_template_rows.html", context)


@require_GET
@requires(Ability.VIEW)
def campaign_rows(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """The rows present that a campaign's own messages would not fit: how many, and the first few."""
    campaign = fetch(Campaign.objects.select_related("version"), request, id=campaign_id)
    used = [gallery.Use(campaign, step) for step in campaign.definition.sends]
    known = _of(request).in_bulk([use.step.template for use in used if use.step.template])
    pairs = [(use, known[use.step.template]) for use in used if use.step.template in known]
    number = page_number(request)
    context = _rows(verdict(pairs, today=_today(), start=(number - 1) * ROWS, count=ROWS), number) | {
        "campaign": campaign
    }
    return page_or_fragment(request, "campaigns/campaign_rows.html", "campaigns/_row_warning.html", context)


def _today() -> date:
    return local(clock.now()).date()


def _rows(checked: Verdict, number: int) -> dict[str, Any]:
    page = Paginator(range(checked.misfits), ROWS).get_page(number)
    return {"verdict": checked, "page": page}
