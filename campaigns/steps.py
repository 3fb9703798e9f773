"""PURE. How a visit moves through the steps of a campaign, and what a send step would say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from campaigns.definition import Definition, DelayStep, SendStep
from datahub.dates import stored_day
from integrations.vietnam import at
from integrations.zalo.contract import PLACEHOLDER

_BRACES = re.compile(r"\{\s*\w+\s*\}")
# A date without a time of day means the morning of that day: nobody wants aftercare counted from midnight.
DATE_FIELD_TIME = time(9, 0)


@dataclass(frozen=True)
class Visit:
    """What steps may know of a visit. Times are UTC; values are the record's clean text."""

    values: Mapping[str, str]
    anchor_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True)
class PlannedSend:
    """A send step that is due, and the moment it was planned for."""

    step: SendStep
    planned_at: datetime


@dataclass(frozen=True)
class Progress:
    """Where the visit stands after a run of steps.

    `sends` became due on the way; `due_at` None means the campaign is over for this visit;
    `anchor_missing` names a date field that is empty, in which case nothing further happens.
    """

    position: int
    sends: tuple[PlannedSend, ...]
    due_at: datetime | None
    anchor_missing: str = ""


def anchor(step: DelayStep, visit: Visit) -> datetime | None:
    """The moment a delay counts from, or None when the record does not have it."""
    if step.anchor == "enrolled":
        return visit.anchor_at
    if step.anchor == "completed_at":
        return visit.completed_at
    # What is no date counts as none: the column may have had another type when it was stored.
    day = stored_day(visit.values.get(step.anchor, ""))
    return at(day, DATE_FIELD_TIME) if day else None


def run(definition: Definition, *, position: int, visit: Visit, now: datetime) -> Progress:
    """Take the visit from `position` through every step that is due at `now`."""
    sends: list[PlannedSend] = []
    planned_at = _planned_before(definition, position, visit)
    for index, step in enumerate(definition.steps[position:], start=position):
        if isinstance(step, DelayStep):
            base = anchor(step, visit)
            if base is None:
                # Without its date a delay has no end: sending now would be a guess (a reminder with no appointment).
                return Progress(index, tuple(sends), None, anchor_missing=step.anchor)
            planned_at = base + timedelta(minutes=step.minutes)
            if planned_at > now:
                return Progress(index, tuple(sends), planned_at)
        elif isinstance(step, SendStep):
            sends.append(PlannedSend(step, planned_at))
    return Progress(len(definition.steps), tuple(sends), None)


def _planned_before(definition: Definition, position: int, visit: Visit) -> datetime:
    """When the step at `position` was planned: the end of the delay before it, else the anchor."""
    for step in reversed(definition.steps[:position]):
        if isinstance(step, DelayStep) and (base := anchor(step, visit)) is not None:
            return base + timedelta(minutes=step.minutes)
    return visit.anchor_at


def first_send(definition: Definition, visit: Visit) -> datetime | None:
    """When the first message of this campaign is planned for the visit; None if it never sends one."""
    for index, step in enumerate(definition.steps):
        if isinstance(step, DelayStep) and anchor(step, visit) is None:
            return None
        if isinstance(step, SendStep):
            return _planned_before(definition, index, visit)
    return None


def planned_for(definition: Definition, key: str, visit: Visit) -> datetime | str:
    """When the send step `key` is planned for the visit, or the date field that is empty, so that nobody can tell."""
    index = next(index for index, step in enumerate(definition.steps) if step.key == key)
    for step in definition.steps[:index]:
        if isinstance(step, DelayStep) and anchor(step, visit) is None:
            return step.anchor
    return _planned_before(definition, index, visit)


def render(step: SendStep, values: Mapping[str, str]) -> dict[str, str]:
    """The template parameters of a send step for one record: the field's text as people read it, else the fixed text."""
    return {
        name: (_as_read(values.get(source.field, "")) if source.field else "") or source.value
        for name, source in step.params.items()
    }


# A record keeps its days as ISO text; a patient, and Zalo's DATE parameters, read dd/mm/yyyy.
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)


def _as_read(text: str) -> str:
    day = _ISO_DAY.fullmatch(text)
    return f"{day[3]}/{day[2]}/{day[1]}" if day else text


def strangers(text: str, names: Iterable[str]) -> list[str]:
    """The placeholders of a chat text or an SMS text that are no parameter of the template, each once."""
    known = set(names)
    return [name for name in dict.fromkeys(PLACEHOLDER.findall(text)) if name not in known]


def has_braces(text: str) -> bool:
    """Whether a text mentions a parameter the way other systems do, {name}: nothing would fill it in."""
    return _BRACES.search(text) is not None


def fill(text: str, params: Mapping[str, str]) -> str:
    """The text with its `<param>` placeholders filled in; one that has no such parameter is left as it stands."""
    return PLACEHOLDER.sub(lambda found: params.get(found[1], found[0]), text).strip()
