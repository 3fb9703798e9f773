"""Chiến dịch: the list with its arrows, Kích hoạt and Tạm dừng."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from campaigns import activation, words
from campaigns.listing import Tally, tallies
from campaigns.models import Campaign, CampaignGroup
from integrations import clock


@require_GET
@requires(Ability.VIEW)
def groups(request: MemberRequest) -> HttpResponse:
    """The groups, newest first; the one just made, or the only one, is open."""
    inside = Campaign.objects.select_related("version").prefetch_related("dataset__fields").order_by("position", "id")
    found = list(
        CampaignGroup.objects.filter(workspace=request.workspace)
        .prefetch_related(Prefetch("campaigns", inside))
        .order_by("-created_at", "-id")
    )
    counts = tallies(request.workspace)
    shown = [(group, [_line(each, counts) for each in group.campaigns.all()]) for group in found]
    opened = request.GET.get("open", str(found[0].pk) if len(found) == 1 else "")
    return render(request, "campaigns/list.html", {"groups": shown, "opened": opened})


def _line(campaign: Campaign, counts: dict[int, Tally]) -> dict[str, object]:
    labels = {field.key: field.label for field in campaign.dataset.fields.all()}
    trigger = words.trigger(campaign.definition.trigger, labels)
    return {"campaign": campaign, "trigger": trigger, "tally": counts.get(campaign.pk)}


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def activate(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """Kích hoạt, or say what stands in the way."""
    campaign = fetch(Campaign.objects.all(), request, id=campaign_id)
    problems = activation.activate(
        campaign=campaign, actor=request.user, now=clock.now(), include_backlog="include_backlog" in request.POST
    )
    if problems:
        messages.error(request, _("Chưa kích hoạt được. Hãy làm xong những việc dưới đây rồi bấm lại."))
    else:
        messages.success(request, _("Đã kích hoạt “%(name)s”.") % {"name": campaign})
    return redirect("campaigns:campaign", campaign.pk)


@require_POST
@requires(Ability.MANAGE_CAMPAIGNS)
def pause(request: MemberRequest, campaign_id: int) -> HttpResponse:
    """Tạm dừng: what waits keeps waiting."""
    campaign = fetch(Campaign.objects.all(), request, id=campaign_id)
    activation.pause(campaign=campaign, actor=request.user, now=clock.now())
    messages.success(
        request, _("Đã tạm dừng “%(name)s”. Lượt đang chờ được giữ nguyên, không mất.") % {"name": campaign}
    )
    return redirect("campaigns:campaign", campaign.pk)
