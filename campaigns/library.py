"""Thư viện mẫu: campaign templates as data files, and the copy of one that a clinic makes its own."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import QuerySet
from pydantic import BaseModel, ConfigDict

from accounts.audit import record_audit
from accounts.models import User, Workspace
from campaigns.definition import Definition
from campaigns.models import Campaign, CampaignGroup, CampaignVersion
from datahub.models import Dataset, Source
from datahub.sources import create_source
from datahub.tables import REFERENCE_SCHEMA, create_dataset

_FOLDER = Path(__file__).parent / "library"
# A fixed name space, so that two uses of one template on one table share a lineage: a visit gets one message, not two.
_LINEAGE = uuid.UUID("5b0c9f0e-6f0b-4a7e-9a56-1f6a4a7f2c11")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(_Part):
    """What the patient reads; `<name>` marks a parameter."""

    title: str
    paragraphs: tuple[str, ...]
    button: str


class Table(_Part):
    """The Data Hub table that the template works on, made when the clinic has none of that name."""

    name: str
    done_value: str
    source: str


class EntryCampaign(_Part):
    """One campaign of a template."""

    key: str
    name: str
    summary: str
    definition: Definition


class Entry(_Part):
    """One library template: a file of `campaigns/library/`."""

    slug: str
    name: str
    category: str
    audience: str
    summary: str
    description: str
    message: Sample
    dataset: Table
    campaigns: tuple[EntryCampaign, ...]


@cache
def entries() -> list[Entry]:
    """Every template, by name. Raises pydantic's ValidationError for a file that is not one."""
    found = [Entry.model_validate(yaml.safe_load(path.read_text())) for path in _FOLDER.glob("*.yaml")]
    return sorted(found, key=lambda entry: entry.name)


def entry(slug: str) -> Entry | None:
    """The template of that slug."""
    return next((each for each in entries() if each.slug == slug), None)


def existing_groups(workspace: Workspace, entry: Entry) -> QuerySet[CampaignGroup]:
    """What the clinic has made of this template before."""
    return CampaignGroup.objects.filter(workspace=workspace, library_slug=entry.slug)


@transaction.atomic
def instantiate(*, workspace: Workspace, entry: Entry, actor: User | None, now: datetime) -> CampaignGroup:
    """Khởi tạo mẫu: copy the template's campaigns as drafts, on the clinic's own table and sheet source."""
    dataset = _dataset(workspace, entry.dataset)
    source = dataset.sources.order_by("id").first() or create_source(dataset=dataset, name=entry.dataset.source)
    group = CampaignGroup.objects.create(workspace=workspace, name=entry.name, library_slug=entry.slug, created_at=now)
    for position, part in enumerate(entry.campaigns):
        _create_campaign(group, part, position, dataset, source, now, actor)
    record_audit(workspace=workspace, actor=actor, action="library.instantiate", subject=entry.slug, now=now)
    return group


def _dataset(workspace: Workspace, table: Table) -> Dataset:
    existing = Dataset.objects.filter(workspace=workspace, name=table.name).first()
    return existing or create_dataset(
        workspace=workspace, name=table.name, fields=REFERENCE_SCHEMA, done_value=table.done_value
    )


def _create_campaign(
    group: CampaignGroup,
    part: EntryCampaign,
    position: int,
    dataset: Dataset,
    source: Source,
    now: datetime,
    actor: User | None,
) -> None:
    campaign = Campaign.objects.create(
        workspace=group.workspace,
        group=group,
        name=part.name,
        position=position,
        lineage=uuid.uuid5(_LINEAGE, f"{dataset.pk}:{group.library_slug}:{part.key}"),
        dataset=dataset,
        source=source if part.definition.syncs else None,
    )
    definition = _for_clinic(part.definition.model_dump(mode="json"), group.workspace)
    campaign.version = CampaignVersion.objects.create(
        campaign=campaign, number=1, definition=definition, created_by=actor, created_at=now
    )
    campaign.save(update_fields=["version"])


def _for_clinic(definition: dict[str, Any], workspace: Workspace) -> dict[str, Any]:
    """Fill the clinic's own name in where the template leaves room for it."""
    for step in definition["steps"]:
        for source in step.get("params", {}).values():
            source["value"] = source["value"].replace("{workspace}", workspace.name)
    return definition
