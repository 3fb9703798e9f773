"""Mẫu tin ZNS: each template as the patient sees it, where it is used, and what speaks against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.audit import record_audit
from accounts.models import User, Workspace
from campaigns.definition import ParamSource, SendStep
from campaigns.models import Campaign
from campaigns.previews import Preview, preview
from campaigns.steps import render
from datahub.models import Record
from integrations.base import Clock
from integrations.models import MessageTemplate
from integrations.zalo.contract import Mismatch, mismatch
from integrations.zalo.lint import Finding, lint

NAMES, SAMPLE, VISIT = "names", "sample", "visit"


@dataclass(frozen=True)
class Use:
    """One send step that a template is chosen for."""

    campaign: Campaign
    step: SendStep


@dataclass(frozen=True)
class Card:
    """One template of the gallery."""

    template: MessageTemplate
    preview: Preview
    findings: list[Finding]
    mismatch: Mismatch
    uses: list[Use]

    @property
    def campaigns(self) -> list[Campaign]:
        """Where it is used, each campaign once."""
        return list({use.campaign.pk: use.campaign for use in self.uses}.values())


def uses(workspace: Workspace) -> dict[int, list[Use]]:
    """Template id (ours) → the steps of the clinic's campaigns that send it. One query."""
    found: dict[int, list[Use]] = defaultdict(list)
    campaigns = Campaign.objects.filter(workspace=workspace).select_related("version")
    for campaign in campaigns.readable():
        for step in campaign.definition.sends:
            if step.template is not None:
                found[step.template].append(Use(campaign, step))
    return found


def recent_visits(workspace: Workspace) -> QuerySet[Record]:
    """Completed visits, the newest first: what a template may be looked at with."""
    return Record.objects.filter(workspace=workspace, completed_at__isnull=False).order_by("-completed_at", "-id")


def card(template: MessageTemplate, used: list[Use], *, shows: str, visit: Record | None) -> Card:
    """The template with names, Zalo's samples or a visit's own data in its parameters' places."""
    values = None if shows == NAMES else values_of(template, used, visit if shows == VISIT else None)
    wording = f"{template.title}\n{template.body}"
    return Card(
        template,
        preview(title=template.title, body=template.body, buttons=template.buttons, values=values),
        lint(tag=template.tag, title=template.title, body=template.body),
        mismatch(template.params, template.buttons, wording) if wording.strip() else Mismatch(),
        used,
    )


def values_of(template: MessageTemplate, used: Iterable[Use], visit: Record | None) -> dict[str, str]:
    """What would stand in the parameters' places for a visit, as the campaign that uses the template on its table says.

    Unused there, a parameter takes the field of its own name. Without a visit: Zalo's sample values.
    """
    if visit is None:
        return dict(template.sample)
    for use in used:
        if use.campaign.dataset_id == visit.dataset_id:
            return render(use.step, visit.values)
    guessed = {param["name"]: ParamSource(field=param["name"]) for param in template.params}
    return render(SendStep(key="guess", params=guessed), visit.values)


def set_wording(*, template: MessageTemplate, title: str, body: str, actor: User, clock: Clock) -> None:
    """Keep the wording that a person pasted from Zalo's page."""
    template.title, template.body = title, body
    template.save(update_fields=["title", "body"])
    record_audit(
        workspace=template.workspace,
        actor=actor,
        action="template.wording",
        subject=template.template_id,
        now=clock.now(),
    )
