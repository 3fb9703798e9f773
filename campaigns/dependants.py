"""Which campaigns depend on the columns of a Data Hub table: handed to the Data Hub through the URLconf."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.field_usage import Mention, Place, mentions
from campaigns.models import Campaign
from campaigns.states import CampaignState
from datahub.editor.usage import Use
from datahub.models import Dataset

_PLACES = {
    Place.FILTER: _("điều kiện lọc của chiến dịch"),
    Place.TRIGGER: _("điều kiện kích hoạt của chiến dịch"),
    Place.DELAY: _("mốc trì hoãn của chiến dịch"),
    Place.PARAM: _("tham số {detail} trong tin của chiến dịch"),
}


def field_uses(dataset: Dataset) -> list[Use]:
    """Every column that the newest version of a campaign of this table names. One query."""
    found = Campaign.objects.filter(workspace_id=dataset.workspace_id, dataset=dataset).select_related("version")
    return [
        _use(campaign, mention)
        for campaign in found.exclude(version=None).order_by("name", "id")
        for mention in dict.fromkeys(mentions(campaign.version.definition if campaign.version else {}))
    ]


def _use(campaign: Campaign, mention: Mention) -> Use:
    return Use(
        key=mention.key,
        what=format_lazy(_PLACES[mention.place], detail=mention.detail),
        name=campaign.name,
        view="campaigns:campaign",
        args=(campaign.pk,),
        values=mention.values,
        is_live=campaign.state == CampaignState.ACTIVE,
    )
