"""What the system did and why, in the admin's words: reasons, tones, and what a sheet row may expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from campaigns.definition import ScheduleTrigger
from campaigns.labels import CLOSED, WAYS
from campaigns.lastlook import Look
from campaigns.models import Campaign, Enrollment, Message
from campaigns.models.campaign import readable
from campaigns.reasons import Reason
from campaigns.replan import UNDONE, look_at, plan, visit_row
from campaigns.schedule import SendHours, next_run
from campaigns.sentences import SENTENCES, TOLD_BY_ZALO
from campaigns.states import OUT, CampaignState, EnrollmentState, MessageState
from campaigns.steps import Visit, first_send
from campaigns.transitions import Move
from campaigns.zalo_words import PARAM_PROBLEMS
from datahub.conditions import Condition
from datahub.models import Record
from integrations.vietnam import local

_PROBLEMS = {
    **PARAM_PROBLEMS,
    "missing": gettext_lazy("đang trống"),
    "too_long": gettext_lazy("quá dài"),
    "too_short": gettext_lazy("quá ngắn"),
}
_TONES = {
    MessageState.SCHEDULED: "wait",
    MessageState.LEASED: "wait",
    MessageState.SENDING: "wait",
    MessageState.SENT: "ok",
    MessageState.DELIVERED: "ok",
    MessageState.UNDELIVERED: "warn",
    MessageState.SKIPPED: "mute",
    MessageState.CANCELLED: "mute",
    MessageState.FAILED: "bad",
    MessageState.UNCONFIRMED: "warn",
}


class _Told(dict[str, Any]):
    """Facts of a reason; one that an old row does not have is shown as a dash rather than breaking the page."""

    def __missing__(self, key: str) -> str:
        return "—"


def reason_text(code: str, facts: Mapping[str, Any]) -> str:
    """One sentence for a reason code, in the viewer's language. Empty for no code."""
    if code not in SENTENCES:
        return code
    told = _Told({name: _shown(value) for name, value in facts.items()})
    if "problem" in told:
        told["problem"] = _PROBLEMS.get(told["problem"], told["problem"])
    told |= {name: WAYS.get(facts[name], facts[name]) for name in ("channel", "next") if name in facts}
    if "why" in facts:
        told["why"] = _why(facts)
    reason = Reason(code)
    sentence = TOLD_BY_ZALO.get(reason) if "limit" not in facts and "code" in facts else None
    return str(sentence or SENTENCES[reason]).format_map(told)


def _why(facts: Mapping[str, Any]) -> str:
    """Why each way is closed, or why one did not reach the patient, as a part of a sentence."""
    why = facts["why"]
    if isinstance(why, Mapping):
        return "; ".join(f"{WAYS.get(way, way)} – {CLOSED.get(code, code)}" for way, code in why.items())
    return reason_text(str(why), {name: value for name, value in facts.items() if name != "why"}).rstrip(".")


def _shown(value: Any) -> Any:
    """Moments are kept as ISO text in facts and shown as a Vietnamese clock shows them."""
    if not isinstance(value, str) or "T" not in value:
        return value
    try:
        return f"{local(datetime.fromisoformat(value)):%H:%M %d/%m/%Y}"
    except ValueError:
        return value


def state_tone(state: str) -> str:
    """How a state looks: ok, wait, warn, bad or mute."""
    return _TONES[MessageState(state)]


def planned_notes(records: Sequence[Record], now: datetime) -> dict[int, str]:
    """Record id → what the sheet may tell about its message. A constant number of queries whatever the batch.

    Told before the engine has heard of the change: what it will make of it is said already.
    """
    campaigns = _sending_campaigns({record.dataset_id for record in records})
    if not campaigns:
        return {}
    by_id = {record.pk: record for record in records}
    found = Message.objects.filter(record__in=by_id).with_told().select_related("enrollment").order_by("id")
    messages = {each.record_id: each for each in found}
    visits = {each.record_id: each for each in _visits(by_id, [campaign.lineage for campaign in campaigns])}
    versions = {each.enrollment.version_id for each in messages.values()} | {
        each.version_id for each in visits.values()
    }
    look = look_at(readable(versions), now)
    repeated = _repeated(records, campaigns, now)
    hours = _hours(campaigns[0])
    notes = {}
    for record in records:
        if message := messages.get(record.pk):
            message.record = message.enrollment.record = record
            notes[record.pk] = _message_note(message, look, hours)
        elif record.pk in repeated:
            notes[record.pk] = gettext("Trùng lượt khám với một dòng khác, không gửi thêm tin")
        else:
            note = _visit_note(visits.get(record.pk), record, look, hours)
            notes[record.pk] = note or _expected_note(record, campaigns, hours, now)
    return notes


def _repeated(records: Sequence[Record], campaigns: Sequence[Campaign], now: datetime) -> set[int]:
    """Those of the records whose visit an earlier row that is wanted was typed for: one message goes out, to that one."""
    keys = {record.visit_key: record.dataset_id for record in records}
    typed = Record.objects.filter(dataset__in=set(keys.values()), visit_key__in=list(keys)).order_by("-id")
    today = local(now).date()
    first = {
        key: pk
        for pk, key, values in typed.values_list("id", "visit_key", "values")
        if any(campaign.definition.filter.matches(values, today) for campaign in campaigns)
    }
    return {record.pk for record in records if first.get(record.visit_key, record.pk) < record.pk}


def _sending_campaigns(dataset_ids: set[int]) -> list[Campaign]:
    found = Campaign.objects.filter(dataset_id__in=dataset_ids, state=CampaignState.ACTIVE)
    return [each for each in found.select_related("version", "workspace").readable() if not each.definition.syncs]


def _visits(record_ids: Iterable[int], lineages: Iterable[object]) -> Iterable[Enrollment]:
    mine = Enrollment.objects.filter(record__in=list(record_ids), lineage__in=list(lineages))
    return mine.filter(
        Q(state=EnrollmentState.WAITING) | Q(state=EnrollmentState.CANCELLED, reason_code__in=UNDONE)
    ).order_by("id")


def _hours(campaign: Campaign) -> SendHours:
    return SendHours(campaign.workspace.send_from, campaign.workspace.send_until)


def _expected_note(record: Record, campaigns: Sequence[Campaign], hours: SendHours, now: datetime) -> str:
    planned = [moment for campaign in campaigns if (moment := _expected(campaign, record, now))]
    if planned:
        return _planned_note(hours.next_open(min(planned)))
    wanted = {each.value for campaign in campaigns if (each := _wanted_status(campaign))}
    if len(wanted) == 1 and record.values.get("status", "") not in wanted:
        return gettext("Chưa gửi tin: gửi sau khi Trạng thái là {value}").format(value=wanted.pop())
    return ""


def _wanted_status(campaign: Campaign) -> Condition | None:
    """The plain question about the status, where the campaign's filter is just that."""
    tree = campaign.definition.filter
    return tree if isinstance(tree, Condition) and (tree.field, tree.op) == ("status", "eq") else None


def _message_note(message: Message, look: Look, hours: SendHours) -> str:
    if message.state in OUT and message.sent_at:
        when = f"{local(message.sent_at):%H:%M %d/%m}"
        if message.phone == message.record.phone:
            return gettext("Đã gửi tin {when}").format(when=when)
        # Not the whole number: the sheet may be open to more people than the visit is.
        old = f"0{message.phone[2:5]} *** {message.phone[-3:]}"
        return gettext("Tin đã gửi {when} tới số cũ {phone}; không gửi lại").format(when=when, phone=old)
    planned = _replanned(message, look)
    if isinstance(planned, Move):
        return _unsent_note(str(planned.reason), planned.facts)
    if planned is None:
        return reason_text(message.reason_code, message.facts)
    return _planned_note(hours.next_open(planned) if planned != message.due_at else planned)


def _replanned(message: Message, look: Look) -> datetime | Move | None:
    """When the message will leave, or why it will not; None where its own reason says it."""
    waits = message.state == MessageState.SCHEDULED
    may_return = message.state == MessageState.CANCELLED and message.reason_code in UNDONE
    if message.enrollment.version_id not in look.definitions or not (waits or may_return):
        return message.due_at if waits else None
    planned = plan(message, look)
    if not isinstance(planned, datetime):
        return planned
    is_moved = planned + timedelta(hours=look.step(message).useful_hours) != message.expires_at
    return max(planned, look.now) if is_moved or not waits else message.due_at


def _visit_note(enrollment: Enrollment | None, record: Record, look: Look, hours: SendHours) -> str:
    """What becomes of a visit that no message was made for yet; empty where it is in no campaign now."""
    if enrollment is None or enrollment.version_id not in look.definitions:
        return ""
    enrollment.record = record
    row = visit_row(enrollment, look.definitions[enrollment.version_id], look.now)
    if row and row["state"] == EnrollmentState.CANCELLED:
        return _unsent_note(row["reason_code"], row["facts"])
    if row is None and enrollment.state == EnrollmentState.CANCELLED:
        return ""
    return _planned_note(hours.next_open(row["due_at"] if row else enrollment.due_at))


def _unsent_note(code: str, facts: Mapping[str, Any]) -> str:
    return gettext("Không gửi tin: {why}").format(why=reason_text(code, facts))


def _planned_note(moment: datetime) -> str:
    return gettext("Gửi tin dự kiến {when}").format(when=f"{local(moment):%H:%M %d/%m}")


def _expected(campaign: Campaign, record: Record, now: datetime) -> datetime | None:
    """When this campaign would first write to the visit, if nothing changes; None if it would not."""
    definition = campaign.definition
    if not definition.filter.matches(record.values, local(now).date()):
        return None
    trigger = definition.trigger
    anchor_at = next_run(trigger, after=now) if isinstance(trigger, ScheduleTrigger) else record.completed_at or now
    return first_send(definition, Visit(record.values, anchor_at, record.completed_at))
