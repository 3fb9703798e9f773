"""Whether a campaign's filter still fits its table. A question about a field that is gone would be answered by everybody."""

from __future__ import annotations

import logging

from campaigns.models import Campaign
from datahub.filtering import words
from datahub.filtering.check import check, lost_field
from datahub.schema import Schema
from datahub.tables import spec_of

logger = logging.getLogger(__name__)


def fits(campaign: Campaign) -> bool:
    """Whether the filter asks only about fields that the table has; one that does not is said aloud and selects nobody."""
    lost = lost_field(campaign.definition.filter, _schema(campaign))
    if lost is not None:
        logger.warning("campaign %s selects nobody: its table has no field %s", campaign.pk, lost.facts["field"])
    return lost is None


def sentences(campaign: Campaign) -> list[str]:
    """Everything in the filter that the table cannot answer, in words."""
    return [words.problem(problem) for problem in check(campaign.definition.filter, _schema(campaign))]


def _schema(campaign: Campaign) -> Schema:
    live = (field for field in campaign.dataset.fields.all() if field.archived_at is None)
    return Schema(tuple(map(spec_of, live)), campaign.dataset.done_value)
