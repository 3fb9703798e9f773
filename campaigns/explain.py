"""What the system did and why, in the admin's words: reasons, tones, and what a sheet row may expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from campaigns.definition import ScheduleTrigger
from campaigns.labels import CLOSED, WAYS
from campaigns.models import Campaign, Enrollment, Message
from campaigns.reasons import Reason
from campaigns.schedule import SendHours, next_run
from campaigns.sentences import SENTENCES, TOLD_BY_ZALO
from campaigns.states import OUT, CampaignState, EnrollmentState, MessageState
from campaigns.steps import Visit, first_send
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
    """Record id → what the sheet may tell about its message. A constant number of queries whatever the batch."""
    campaigns = _sending_campaigns({record.dataset_id for record in records})
    if not campaigns:
        return {}
    ids = [record.pk for record in records]
    waiting = {each.record_id: each for each in _enrollments(ids, [campaign.lineage for campaign in campaigns])}
    messages = {each.record_id: each for each in Message.objects.filter(record__in=ids).order_by("id")}
    repeated = _repeated(records)
    hours = _hours(campaigns[0])
    notes = {}
    for record in records:
        if message := messages.get(record.pk):
            notes[record.pk] = _message_note(message)
        elif record.pk in repeated:
            notes[record.pk] = gettext("Trùng lượt khám với một dòng khác, không gửi thêm tin")
        elif enrollment := waiting.get(record.pk):
            notes[record.pk] = _planned_note(hours.next_open(enrollment.due_at))
        else:
            notes[record.pk] = _expected_note(record, campaigns, hours, now)
    return notes


def _repeated(records: Sequence[Record]) -> set[int]:
    """Those of the records whose visit an earlier row was typed for: one message goes out, to that one."""
    keys = {record.visit_key: record.dataset_id for record in records}
    earlier = Record.objects.filter(dataset__in=set(keys.values()), visit_key__in=list(keys)).order_by("-id")
    first = {key: pk for pk, key in earlier.values_list("id", "visit_key")}
    return {record.pk for record in records if first.get(record.visit_key, record.pk) != record.pk}


def _sending_campaigns(dataset_ids: set[int]) -> list[Campaign]:
    found = Campaign.objects.filter(dataset_id__in=dataset_ids, state=CampaignState.ACTIVE)
    return [each for each in found.select_related("version", "workspace").readable() if not each.definition.syncs]


def _enrollments(record_ids: Iterable[int], lineages: Iterable[object]) -> Iterable[Enrollment]:
    return Enrollment.objects.filter(
        record__in=list(record_ids), lineage__in=list(lineages), state=EnrollmentState.WAITING
    )


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


def _message_note(message: Message) -> str:
    if message.state in OUT and message.sent_at:
        return gettext("Đã gửi tin {when}").format(when=f"{local(message.sent_at):%H:%M %d/%m}")
    if message.state == MessageState.SCHEDULED:
        return _planned_note(message.due_at)
    return reason_text(message.reason_code, message.facts)


def _planned_note(moment: datetime) -> str:
    return gettext("Gửi tin dự kiến {when}").format(when=f"{local(moment):%H:%M %d/%m}")


def _expected(campaign: Campaign, record: Record, now: datetime) -> datetime | None:
    """When this campaign would first write to the visit, if nothing changes; None if it would not."""
    definition = campaign.definition
    if not definition.filter.matches(record.values):
        return None
    trigger = definition.trigger
    anchor_at = next_run(trigger, after=now) if isinstance(trigger, ScheduleTrigger) else record.completed_at or now
    return first_send(definition, Visit(record.values, anchor_at, record.completed_at))
