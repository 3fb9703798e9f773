"""A campaign's own page: its picture and the form that changes it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, requires
from accounts.roles import Ability
from campaigns import activation, flow, reminders, sums
from campaigns.definition import Definition
from campaigns.flow import Names
from campaigns.forms.campaign import CampaignForms
from campaigns.forms.options import Options
from campaigns.forms.steps import SendForm
from campaigns.models import Campaign
from campaigns.views.tabs import fetch_campaign, shared
from datahub.filtering.form import FilterForm
from integrations import clock
from integrations.vietnam import local


@require_http_methods(["GET", "POST"])
@requires(Ability.VIEW)
def campaign(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """Show the campaign; save what an admin changed as a new version."""
    if request.method == "POST":
        return _save(request, campaign_id)
    found = fetch_campaign(request, campaign_id)
    options = Options.of(found)
    return _page(request, found, options, CampaignForms(found.definition, options, _filter(found)))


@transaction.atomic
def _save(request: MemberRequest, campaign_id: int) -> HttpResponse:
    found = fetch_campaign(request, campaign_id, locked=True)
    if not request.membership.may(Ability.MANAGE_CAMPAIGNS) or found.definition.syncs:
        raise PermissionDenied
    options = Options.of(found)
    forms = CampaignForms(found.definition, options, _filter(found, request.POST), request.POST)
    if _is_stale(request, found) or forms.filter.action:
        return _page(request, found, options, forms)
    if forms.is_valid():
        return _publish(request, found, forms.definition())
    messages.error(request, _("Chưa lưu. Hãy sửa những ô được đánh dấu bên dưới."))
    return _page(request, found, options, forms)


def _filter(found: Campaign, sent: QueryDict | None = None) -> FilterForm:
    return FilterForm(found.dataset, found.definition.filter, local(clock.now()).date(), sent)


def _is_stale(request: MemberRequest, found: Campaign) -> bool:
    """Whether the page that was sent shows an older version than the newest; says so."""
    newest = found.version.number if found.version else 0
    if request.POST.get("version", str(newest)) == str(newest):
        return False
    text = _("Chiến dịch vừa được sửa ở cửa sổ khác (phiên bản %(n)s). Mở lại rồi sửa tiếp.") % {"n": newest}
    messages.error(request, text)
    return True


def _page(request: MemberRequest, found: Campaign, options: Options, forms: CampaignForms) -> HttpResponse:
    newest = found.version.number if found.version else 0
    context = {
        "forms": forms,
        "filter": forms.filter,
        "flow": flow.draw(found.definition, _names(found, options)),
        "options": options,
        "seen_version": request.POST.get("version", str(newest)),
    }
    return render(request, "campaigns/campaign.html", shared(found, "setup") | context)


def _names(found: Campaign, options: Options) -> Names:
    templates = {pk: template.name for pk, template in options.templates.items()}
    return Names(options.labels, templates, found.dataset.name, sums.flow_counts(found))


def _publish(request: MemberRequest, found: Campaign, definition: Definition) -> HttpResponseRedirect:
    before = found.version_id
    version = activation.publish(campaign=found, definition=definition, actor=request.user, now=clock.now())
    if version.pk == before:
        messages.info(request, _("Không có gì thay đổi."))
    else:
        messages.success(request, " ".join([_("Đã lưu phiên bản %(n)s.") % {"n": version.number}, _reach(found)]))
    return redirect("campaigns:campaign", found.pk)


def _reach(found: Campaign) -> str:
    """Which visits a new version speaks of."""
    waiting = found.enrollments.filter(state="waiting").count()
    if not waiting:
        return _("Áp dụng cho mọi lượt vào chiến dịch từ bây giờ.")
    return ngettext(
        "%(n)s lượt đang chờ vẫn theo phiên bản cũ; lượt vào từ bây giờ theo phiên bản mới.",
        "%(n)s lượt đang chờ vẫn theo phiên bản cũ; lượt vào từ bây giờ theo phiên bản mới.",
        waiting,
    ) % {"n": waiting}


@require_GET
@requires(Ability.MANAGE_CAMPAIGNS)
def step_params(request: MemberRequest, campaign_id: int, key: str) -> HttpResponse:
    """The parameters of the template that is being chosen for a send step."""
    found = fetch_campaign(request, campaign_id)
    step = next((step for step in found.definition.sends if step.key == key), None)
    if step is None:
        raise Http404
    form = SendForm(None, step=step, options=Options.of(found), template_id=request.GET.get(f"step-{key}-template", ""))
    return render(request, "campaigns/_params.html", {"form": form})


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def add_reminder(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """One more delay and message, to be filled in before the campaign runs again."""
    found = fetch_campaign(request, campaign_id)
    if found.state == Campaign.State.ACTIVE:
        messages.error(request, _("Hãy Tạm dừng trước khi thêm lần nhắc: bước mới chưa có mẫu tin."))
        return redirect("campaigns:campaign", found.pk)
    return _publish(request, found, reminders.with_reminder(found.definition, number=found.versions.count() + 1))


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def remove_step(request: MemberRequest, campaign_id: int, key: str) -> HttpResponse:
    """Take a message and the delay before it away."""
    found = fetch_campaign(request, campaign_id)
    if _is_stale(request, found):
        return redirect("campaigns:campaign", found.pk)
    definition = reminders.without(found.definition, key)
    if definition is None:
        raise Http404
    return _publish(request, found, definition)
