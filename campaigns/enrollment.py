"""Hop 3: who enters a campaign, from what changed in the Data Hub and from the runs that fell due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from datahub.filters import to_q
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from campaigns.definition import Definition, RecordChangedTrigger, ScheduleTrigger, WebhookTrigger
from campaigns.models import Campaign, Enrollment, Occurrence
from campaigns.schedule import runs
from campaigns.states import CampaignState
from datahub.models import Record, RecordEvent

# A campaign asleep longer than this (a year of pauses) looks back no further for runs that it missed.
LOOK_BACK = timedelta(days=31)
# When a visit became what it is.
SINCE = Coalesce(F("completed_at"), F("created_at"))


def enroll_from_events(*, now: datetime, limit: int) -> int:
    """Take in the visits of the next unhandled record events; return how many events were handled."""
    with transaction.atomic():
        events = list(
            RecordEvent.objects.filter(handled_at=None)
            .select_related("record")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("id")[:limit]
        )
        campaigns = _event_campaigns({event.record.dataset_id for event in events})
        _insert(
            _enrollment(campaign, event.record, anchor_at=event.at, now=now)
            for event in events
            for campaign in campaigns.get(event.record.dataset_id, [])
            if _triggers(campaign.definition, event) and _wants(campaign, event.record)
        )
        RecordEvent.objects.filter(pk__in=[event.pk for event in events]).update(handled_at=now)
    return len(events)


def _event_campaigns(dataset_ids: set[int]) -> dict[int, list[Campaign]]:
    """Dataset → its campaigns that listen to events. A paused one still takes visits in: a pause holds, it does not lose."""
    found = Campaign.objects.filter(
        dataset_id__in=dataset_ids, state__in=[CampaignState.ACTIVE, CampaignState.PAUSED]
    ).select_related("version")
    listening: dict[int, list[Campaign]] = {}
    for campaign in found:
        if not campaign.definition.syncs and not isinstance(campaign.definition.trigger, ScheduleTrigger):
            listening.setdefault(campaign.dataset_id, []).append(campaign)
    return listening


def _triggers(definition: Definition, event: RecordEvent) -> bool:
    match definition.trigger:
        case WebhookTrigger():
            return True
        case RecordChangedTrigger(field=field, to=to):
            return bool(event.changes.get(field, [None, None])[1] == to)
        case ScheduleTrigger():
            return False


def _wants(campaign: Campaign, record: Record) -> bool:
    since = record.completed_at or record.created_at
    return campaign.definition.filter.matches(record.values) and (
        campaign.enroll_from is None or since >= campaign.enroll_from
    )


def open_occurrences(*, now: datetime) -> int:
    """Write a row for every planned run up to `now`; only the newest one runs, the ones slept through are kept as missed.

    A daily run selects everything still waiting, so the newest run does the work of those it replaces.
    """
    opened = 0
    for campaign in Campaign.objects.filter(state=CampaignState.ACTIVE).select_related("version"):
        trigger = campaign.definition.trigger
        if isinstance(trigger, ScheduleTrigger) and not campaign.definition.syncs:
            opened += _open(campaign, trigger, now)
    return opened


def _open(campaign: Campaign, trigger: ScheduleTrigger, now: datetime) -> int:
    last = campaign.occurrences.order_by("-planned_at").values_list("planned_at", flat=True).first()
    activated_at = campaign.activated_at or now
    after = max(last or activated_at, activated_at, now - LOOK_BACK)
    planned = list(runs(trigger, after=after, until=now))
    Occurrence.objects.bulk_create(
        [
            Occurrence(
                campaign=campaign,
                planned_at=moment,
                state=Occurrence.State.OPEN if moment == planned[-1] else Occurrence.State.MISSED,
            )
            for moment in planned
        ],
        ignore_conflicts=True,
    )
    return len(planned)


def enroll_from_occurrences(*, now: datetime, limit: int) -> int:
    """Take up to `limit` visits into the oldest open run; return how many, plus one for a run that was finished."""
    occurrence = (
        Occurrence.objects.filter(state=Occurrence.State.OPEN, campaign__state=CampaignState.ACTIVE)
        .select_related("campaign__version")
        .order_by("planned_at", "id")
        .first()
    )
    if occurrence is None:
        return 0
    with transaction.atomic():
        campaign = occurrence.campaign
        records = list(_selected(campaign)[:limit])
        _insert(
            _enrollment(campaign, record, anchor_at=_anchor(occurrence, record), now=now, occurrence=occurrence)
            for record in records
        )
        if len(records) == limit:
            return len(records)
        Occurrence.objects.filter(pk=occurrence.pk, state=Occurrence.State.OPEN).update(
            state=Occurrence.State.RAN, ran_at=now
        )
    return len(records) + 1


def _anchor(occurrence: Occurrence, record: Record) -> datetime:
    """The planned run, even if it ran late; but a visit completed after it still gets its whole delay."""
    return max(occurrence.planned_at, record.completed_at or record.created_at)


def _selected(campaign: Campaign) -> QuerySet[Record]:
    """Visits that the campaign wants and has not taken in on this occasion."""
    taken = Enrollment.objects.filter(lineage=campaign.lineage, record=OuterRef("pk"))
    if campaign.definition.re_entry == "per_completion":
        taken = taken.filter(occasion=OuterRef("completions"))
    records = _wanted(campaign)
    if campaign.enroll_from is not None:
        records = records.filter(GreaterThanOrEqual(SINCE, campaign.enroll_from))
    return records.filter(~Exists(taken)).order_by("id")


def backlog(campaign: Campaign, enroll_from: datetime) -> int:
    """Visits the filter wants that were completed before `enroll_from`: history, unless a person decides otherwise."""
    return _wanted(campaign).filter(LessThan(SINCE, enroll_from)).count()


def _wanted(campaign: Campaign) -> QuerySet[Record]:
    return Record.objects.filter(to_q(campaign.definition.filter), dataset_id=campaign.dataset_id)


def _enrollment(
    campaign: Campaign, record: Record, *, anchor_at: datetime, now: datetime, occurrence: Occurrence | None = None
) -> Enrollment:
    return Enrollment(
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        version=campaign.version,
        occurrence=occurrence,
        lineage=campaign.lineage,
        record=record,
        occasion=record.completions if campaign.definition.re_entry == "per_completion" else 1,
        anchor_at=anchor_at,
        due_at=now,
        created_at=now,
    )


def _insert(enrollments: Iterable[Enrollment]) -> Sequence[Enrollment]:
    """The unique constraint decides who was first; a visit already in is left as it is."""
    return Enrollment.objects.bulk_create(enrollments, ignore_conflicts=True)
