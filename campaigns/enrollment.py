"""Hop 3: who enters a campaign, from what changed in the Data Hub and from the runs that fell due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from campaigns import fitting
from campaigns.amendment import amend
from campaigns.definition import Definition, RecordChangedTrigger, ScheduleTrigger, WebhookTrigger
from campaigns.models import Campaign, Enrollment, Occurrence
from campaigns.reasons import Reason
from campaigns.schedule import runs
from campaigns.states import CampaignState, EnrollmentState
from datahub.conditions import Condition
from datahub.filters import to_q
from datahub.models import Record, RecordEvent
from integrations.vietnam import local

# A campaign asleep longer than this (a year of pauses) looks back no further for runs that it missed.
LOOK_BACK = timedelta(days=31)
# A visit that left before any message was made for it.
UNTOUCHED = Q(state=EnrollmentState.CANCELLED, reason_code=Reason.NO_LONGER_MATCHES, messages=None)
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
            if _triggers(campaign.definition, event) and _wants(campaign, event.record, now)
        )
        amend({event.record_id for event in events if event.kind == RecordEvent.Kind.UPDATED}, now=now)
        RecordEvent.objects.filter(pk__in=[event.pk for event in events]).update(handled_at=now)
    return len(events)


def _event_campaigns(dataset_ids: set[int]) -> dict[int, list[Campaign]]:
    """Dataset → its campaigns that listen to events. A paused one still takes visits in: a pause holds, it does not lose."""
    found = (
        Campaign.objects.filter(dataset_id__in=dataset_ids, state__in=[CampaignState.ACTIVE, CampaignState.PAUSED])
        .select_related("version", "dataset")
        .prefetch_related("dataset__fields")
    )
    listening: dict[int, list[Campaign]] = {}
    for campaign in found.readable():
        listens = not campaign.definition.syncs and not isinstance(campaign.definition.trigger, ScheduleTrigger)
        if listens and fitting.fits(campaign):
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


def _wants(campaign: Campaign, record: Record, now: datetime) -> bool:
    since = record.completed_at or record.created_at
    return (
        not record.is_history
        and campaign.definition.filter.matches(record.values, local(now).date())
        and (campaign.enroll_from is None or since >= campaign.enroll_from)
    )


def open_occurrences(*, now: datetime) -> int:
    """Write a row for every planned run up to `now`; only the newest one runs, the ones slept through are kept as missed.

    A daily run selects everything still waiting, so the newest run does the work of those it replaces. Returns how many
    runs were written.
    """
    active = Campaign.objects.filter(state=CampaignState.ACTIVE).select_related("version")
    # A run planned beyond `now` was written by a clock that has since been put right: it must not hold up today's.
    last = Max("occurrences__planned_at", filter=Q(occurrences__planned_at__lte=now))
    opened = 0
    for campaign in active.annotate(last_planned=last).readable():
        trigger = campaign.definition.trigger
        if isinstance(trigger, ScheduleTrigger) and not campaign.definition.syncs:
            opened += _open(campaign, trigger, getattr(campaign, "last_planned", None), now)
    return opened


def _open(campaign: Campaign, trigger: ScheduleTrigger, last: datetime | None, now: datetime) -> int:
    """Runs since the last one, but none from before this activation or before this hour was chosen."""
    known = [moment for moment in (last, campaign.activated_at, campaign.version_since) if moment is not None]
    planned = list(runs(trigger, after=max([*known, now - LOOK_BACK]), until=now))
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


def open_now(campaign: Campaign, now: datetime) -> None:
    """A run at this moment: how a campaign that listens to changes takes in what changed before it listened."""
    if not campaign.definition.syncs and not isinstance(campaign.definition.trigger, ScheduleTrigger):
        Occurrence.objects.get_or_create(campaign=campaign, planned_at=now, defaults={"state": Occurrence.State.OPEN})


def enroll_from_occurrences(*, now: datetime, limit: int) -> int:
    """Take up to `limit` visits into the oldest open run; return how many, plus one for a run that was finished."""
    with transaction.atomic():
        occurrence = (
            Occurrence.objects.filter(state=Occurrence.State.OPEN, campaign__state=CampaignState.ACTIVE)
            .select_related("campaign__version", "campaign__dataset")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("planned_at", "id")
            .first()
        )
        if occurrence is None:
            return 0
        campaign = occurrence.campaign
        records = list(_selected(campaign, now).filter(pk__gt=occurrence.cursor).order_by("pk")[:limit])
        _insert(
            _enrollment(campaign, record, anchor_at=_anchor(occurrence, record), now=now, occurrence=occurrence)
            for record in records
        )
        if len(records) == limit:
            # The cursor spares each further batch a walk over all the records before it.
            occurrence.cursor = records[-1].pk
        else:
            occurrence.state, occurrence.ran_at = Occurrence.State.RAN, now
        occurrence.save(update_fields=["cursor", "state", "ran_at"])
    return len(records) + (occurrence.state == Occurrence.State.RAN)


def _anchor(occurrence: Occurrence, record: Record) -> datetime:
    """The planned run, even if it ran late; but a visit completed after it still gets its whole delay.

    A campaign that listens to changes counts from the change itself.
    """
    since = record.completed_at or record.created_at
    if isinstance(occurrence.campaign.definition.trigger, ScheduleTrigger):
        return max(occurrence.planned_at, since)
    return since


def _selected(campaign: Campaign, now: datetime) -> QuerySet[Record]:
    """Visits that the campaign wants and has not taken in on this occasion."""
    taken = Enrollment.objects.filter(~UNTOUCHED, lineage=campaign.lineage, record=OuterRef("pk"))
    if campaign.definition.re_entry == "per_completion":
        taken = taken.filter(occasion=OuterRef("completions"))
    records = _wanted(campaign, now) if fitting.fits(campaign) else Record.objects.none()
    if campaign.enroll_from is not None:
        records = records.filter(GreaterThanOrEqual(SINCE, campaign.enroll_from))
    return records.filter(~Exists(taken))


def backlog(campaign: Campaign, before: datetime, now: datetime) -> int:
    """Visits the campaign wants and never took in that were completed before `before`: history, unless a person decides."""
    return _selected(campaign, now).filter(LessThan(SINCE, before)).count()


def _wanted(campaign: Campaign, now: datetime) -> QuerySet[Record]:
    """Visits of the campaign's table that its filter, and the value it listens for, describe."""
    definition, today = campaign.definition, local(now).date()
    records = Record.objects.filter(to_q(definition.filter, today), dataset_id=campaign.dataset_id, is_history=False)
    match definition.trigger:
        case RecordChangedTrigger(field=field, to=to):
            return records.filter(to_q(Condition(field=field, op="eq", value=to), today))
        case _:
            return records


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


def _insert(enrollments: Iterable[Enrollment]) -> None:
    """The unique constraint decides who was first; a visit already in is left as it is.

    A visit that was set back before anything was written for it, and is completed again, comes in anew.
    """
    wanted = list(enrollments)
    for lineage in {each.lineage for each in wanted}:
        records = [each.record_id for each in wanted if each.lineage == lineage]
        Enrollment.objects.filter(UNTOUCHED, lineage=lineage, record__in=records).delete()
    Enrollment.objects.bulk_create(wanted, ignore_conflicts=True)
