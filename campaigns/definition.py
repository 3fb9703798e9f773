"""PURE. What a campaign does, as a typed value: trigger, filter, re-entry, steps. Stored frozen as JSON in CampaignVersion."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from datahub.conditions import AllOf, Tree
from integrations.base import ChannelName


class Part(BaseModel):
    """A frozen piece of a definition; an unknown key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WebhookTrigger(Part):
    """Every row that a source delivers."""

    kind: Literal["webhook"] = "webhook"


class ScheduleTrigger(Part):
    """At a local time (Asia/Ho_Chi_Minh) on the given weekdays, Monday being 0."""

    kind: Literal["schedule"] = "schedule"
    at: time = time(9, 0)
    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(default=(0, 1, 2, 3, 4, 5, 6), min_length=1)


class RecordChangedTrigger(Part):
    """The moment a field of a record becomes a value."""

    kind: Literal["record_changed"] = "record_changed"
    field: str
    to: str


Trigger = Annotated[WebhookTrigger | ScheduleTrigger | RecordChangedTrigger, Field(discriminator="kind")]


class UpsertStep(Part):
    """Write the row into the Data Hub. Done in the webhook itself; here it says so in the picture."""

    kind: Literal["upsert"] = "upsert"
    key: str = "upsert"


class DelayStep(Part):
    """Wait `minutes` from an anchor: `enrolled` (picked up by the run), `completed_at`, or a date field of the record."""

    kind: Literal["delay"] = "delay"
    key: str
    minutes: int = Field(ge=0, le=60 * 24 * 366)
    anchor: str = "enrolled"


class ParamSource(Part):
    """Where a template parameter comes from: a field of the record, else the fixed text `value`."""

    field: str = ""
    value: str = ""


class SendStep(Part):
    """Send a ZNS template. `template` is our MessageTemplate id; None until the clinic chooses one.

    `channels` are the ways that may be taken; the ladder tries those open to the patient, the cheapest first.
    `chat_text` and `sms_text` are what the two ways without a template say, with `<param>` placeholders.
    `max_price_vnd` leaves out ways that cost more.
    """

    kind: Literal["send"] = "send"
    key: str
    template: int | None = None
    params: dict[str, ParamSource] = {}
    useful_hours: int = Field(default=24, ge=1, le=24 * 31)
    channels: tuple[ChannelName, ...] = Field(default=(ChannelName.ZNS,), min_length=1)
    chat_text: str = Field(default="", max_length=2000)
    sms_text: str = Field(default="", max_length=480)
    max_price_vnd: int | None = Field(default=None, ge=0)


Step = Annotated[UpsertStep | DelayStep | SendStep, Field(discriminator="kind")]


class Definition(Part):
    """The whole of a campaign."""

    trigger: Trigger
    filter: Tree = AllOf()
    re_entry: Literal["never", "per_completion"] = "never"
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Definition:
        keys = [step.key for step in self.steps]
        if len(keys) != len(set(keys)):
            raise ValueError("each step needs a key of its own")
        return self

    @property
    def sends(self) -> tuple[SendStep, ...]:
        """The send steps, in order."""
        return tuple(step for step in self.steps if isinstance(step, SendStep))

    @property
    def syncs(self) -> bool:
        """Whether this campaign brings rows into the Data Hub rather than messaging anyone."""
        return any(isinstance(step, UpsertStep) for step in self.steps)
