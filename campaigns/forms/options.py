"""What a clinic has to choose from when it edits a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from datahub.models import Field
from integrations.models import MessageTemplate

Data = Mapping[str, Any] | None
Choices = list[tuple[Any, str | Promise]]


@dataclass(frozen=True)
class Options:
    """What the clinic has to choose from."""

    fields: list[Field]
    templates: dict[int, MessageTemplate]
    must_choose: bool = False

    @classmethod
    def of(cls, campaign: Campaign) -> Options:
        """The fields of the campaign's table and the clinic's templates; a running campaign may not lose its template."""
        templates = (
            MessageTemplate.objects.filter(workspace_id=campaign.workspace_id)
            .select_related("account")
            .order_by("name")
        )
        running = campaign.state == Campaign.State.ACTIVE
        return cls(campaign.dataset.live_fields, {each.pk: each for each in templates}, must_choose=running)

    @property
    def labels(self) -> dict[str, str]:
        """Field key → label."""
        return {field.key: field.label for field in self.fields}

    @property
    def field_choices(self) -> Choices:
        """Every field, after a blank."""
        return [("", "—"), *self.labels.items()]

    @property
    def template_choices(self) -> Choices:
        """Every template with its tag and whether Zalo lets it be sent, after a blank."""
        return [
            ("", _("— Chọn mẫu tin ZNS —")),
            *((str(pk), _template_line(each)) for pk, each in self.templates.items()),
        ]


def _template_line(template: MessageTemplate) -> str:
    line = f"{template.name} · {template.get_tag_display()}"
    return line if template.is_enabled else f"{line} · {template.status}"
