"""Hop 4: visits whose step is due move on, and a due send step becomes a message row."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.definition import Definition
from campaigns.models import Enrollment, Message, MessageEvent
from campaigns.models.campaign import readable
from campaigns.reasons import Reason
from campaigns.states import EnrollmentState, MessageState
from campaigns.steps import PlannedSend, Progress, Visit, render, run
from campaigns.twins import occasion_key, repeat_key, spoken_for, tracking_id
from datahub.bulk import update_rows
from integrations.models import MessageTemplate
from integrations.vietnam import local

logger = logging.getLogger(__name__)

PUT_ASIDE = timedelta(hours=1)


@dataclass
class _Outcome:
    """What one batch of due enrollments becomes."""

    enrollments: list[dict[str, object]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def advance(*, now: datetime, limit: int) -> int:
    """Run the pure steps of the next due visits; return how many visits moved."""
    with transaction.atomic():
        due = list(
            Enrollment.objects.due(now)
            .select_related("record", "workspace")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        definitions = readable({enrollment.version_id for enrollment in due})
        templates = _templates(definitions.values())
        outcome = _Outcome()
        for enrollment in due:
            _advance_safely(enrollment, definitions, templates, now, outcome)
        _insert_messages(outcome.messages, now)
        _update_enrollments(outcome.enrollments)
    return len(due)


def _templates(definitions: Iterable[Definition]) -> dict[int, MessageTemplate]:
    wanted = {step.template for definition in definitions for step in definition.sends if step.template is not None}
    return MessageTemplate.objects.select_related("account").in_bulk(wanted)


def _advance_safely(
    enrollment: Enrollment,
    definitions: dict[int, Definition],
    templates: dict[int, MessageTemplate],
    now: datetime,
    outcome: _Outcome,
) -> None:
    """One poison visit must not stop the street: it is put aside for an hour and said aloud."""
    try:
        _advance_one(enrollment, definitions[enrollment.version_id], templates, now, outcome)
    except Exception:
        logger.exception("enrollment %s could not advance", enrollment.pk)
        row = _row(enrollment, EnrollmentState.WAITING, Reason.INTERNAL_ERROR)
        outcome.enrollments.append(row | {"due_at": now + PUT_ASIDE, "facts": {"until": (now + PUT_ASIDE).isoformat()}})


def _advance_one(
    enrollment: Enrollment,
    definition: Definition,
    templates: dict[int, MessageTemplate],
    now: datetime,
    outcome: _Outcome,
) -> None:
    record = enrollment.record
    if not definition.filter.matches(record.values, local(now).date()):
        outcome.enrollments.append(_row(enrollment, EnrollmentState.CANCELLED, Reason.NO_LONGER_MATCHES))
        return
    visit = Visit(record.values, enrollment.anchor_at, record.completed_at)
    progress = run(definition, position=enrollment.position, visit=visit, now=now)
    after = _after(enrollment, progress)
    outcome.messages += [_message(enrollment, send, templates[send.step.template or 0], now) for send in progress.sends]
    outcome.enrollments.append(after)


def _after(enrollment: Enrollment, progress: Progress) -> dict[str, object]:
    if progress.anchor_missing:
        return _row(
            enrollment,
            EnrollmentState.CANCELLED,
            Reason.ANCHOR_MISSING,
            position=progress.position,
            facts={"field": progress.anchor_missing},
        )
    if progress.due_at is None:
        return _row(enrollment, EnrollmentState.DONE, "", position=progress.position)
    row = _row(enrollment, EnrollmentState.WAITING, "", position=progress.position)
    return row | {"due_at": progress.due_at}


def _row(
    enrollment: Enrollment,
    state: EnrollmentState,
    reason: str,
    *,
    position: int | None = None,
    facts: dict[str, object] | None = None,
) -> dict[str, object]:
    return {
        "k": enrollment.pk,
        "state": state.value,
        "position": enrollment.position if position is None else position,
        "due_at": enrollment.due_at,
        "reason_code": str(reason),
        "facts": facts or {},
    }


def _message(enrollment: Enrollment, send: PlannedSend, template: MessageTemplate, now: datetime) -> Message:
    record = enrollment.record
    key = occasion_key(enrollment.lineage, send.step.key, record.visit_key, enrollment.occasion)
    return Message(
        workspace_id=enrollment.workspace_id,
        campaign_id=enrollment.campaign_id,
        enrollment=enrollment,
        record=record,
        account=template.account,
        template=template,
        step=send.step.key,
        dedupe_key=key,
        tracking_id=tracking_id(key),
        tag=template.tag,
        phone=record.phone,
        params=render(send.step, record.values),
        channel=send.step.channels[0].value,
        due_at=now,
        expires_at=send.planned_at + timedelta(hours=send.step.useful_hours),
        price_vnd=template.price_vnd,
        created_at=now,
    )


def _insert_messages(messages: list[Message], now: datetime) -> None:
    """Insert each occasion once. One that another row of the same visit already has is kept as skipped, so sums close."""
    if not messages:
        return
    tables = {message.record.dataset_id for message in messages}
    spoken = spoken_for([message.dedupe_key for message in messages], tables=tables)
    free = [message for message in messages if message.dedupe_key not in spoken]
    Message.objects.bulk_create(free, ignore_conflicts=True)
    owners = _owners(free)
    repeated = [message for message in messages if owners.get(message.tracking_id) != message.enrollment_id]
    for message in repeated:
        message.pk = None
        message.dedupe_key = repeat_key(message.dedupe_key, message.enrollment_id)
        message.tracking_id = tracking_id(message.dedupe_key)
        message.state = MessageState.SKIPPED
        message.reason_code = Reason.DUPLICATE_VISIT
    MessageEvent.objects.bulk_create(
        MessageEvent(message=each, from_state="", to_state=each.state, reason_code=each.reason_code, at=now)
        for each in Message.objects.bulk_create(repeated)
    )


def _owners(messages: list[Message]) -> dict[str, int]:
    """Tracking id → the enrollment whose message has it.

    Somebody else's stays locked: it must not be cancelled, and look for its repeats, before ours is there to be found. One
    whose holder gave it up at this very moment is looked for again, by the next turn: KeyError.
    """
    found = Message.objects.filter(tracking_id__in=[message.tracking_id for message in messages])
    owners = dict(found.values_list("tracking_id", "enrollment_id"))
    others = [each.tracking_id for each in messages if owners[each.tracking_id] != each.enrollment_id]
    if others:
        held = Message.objects.filter(tracking_id__in=others).select_for_update(of=("self",)).order_by("pk")
        locked = dict(held.values_list("tracking_id", "enrollment_id"))
        owners |= {name: locked[name] for name in others}
    return owners


def _update_enrollments(rows: list[dict[str, object]]) -> None:
    columns = {
        "state": "text",
        "position": "int",
        "due_at": "timestamptz",
        "reason_code": "text",
        "facts": "jsonb",
    }
    assign = ", ".join(f'"{name}" = v."{name}"' for name in columns)
    update_rows(Enrollment, rows, assign=assign, where="t.state = 'waiting'", types={"k": "bigint", **columns})
