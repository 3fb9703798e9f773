"""Kích hoạt, Tạm dừng, and a new version: what a person does to a campaign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audit import record_audit
from accounts.models import User
from campaigns import enrollment, fitting, ways
from campaigns.definition import Definition, RecordChangedTrigger, SendStep
from campaigns.labels import CLOSED, WAYS
from campaigns.models import Campaign, CampaignVersion, Occurrence
from campaigns.states import CampaignState
from campaigns.steps import has_braces, strangers
from campaigns.zalo_words import PARAM_PROBLEMS
from datahub.sources import close_source, open_source
from integrations.base import ChannelName
from integrations.models import MessageTemplate, SmsAccount
from integrations.zalo.contract import ParamProblem, param_problems

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Visits completed in the last day before the first activation still get their message; older ones are history.
FRESH = timedelta(hours=24)
# A pause holds what was completed during it, but not for ever: nobody wants to be asked in January how November went.
HELD = timedelta(days=7)


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Problem:
    """Why a campaign cannot be activated, and at which step."""

    step: str
    message: str | _StrPromise


def problems(campaign: Campaign) -> list[Problem]:
    """Everything that stands in the way of activating the campaign's newest version; empty when nothing does."""
    sends = campaign.definition.sends
    templates = (
        MessageTemplate.objects.filter(workspace=campaign.workspace)
        .select_related("account")
        .in_bulk([step.template for step in sends if step.template is not None])
    )
    fields = {field.key for field in campaign.dataset.live_fields}
    sms = SmsAccount.objects.filter(workspace=campaign.workspace).first()
    found = [
        problem for step in sends for problem in _step_problems(step, templates.get(step.template or 0), fields, sms)
    ]
    found += _trigger_problems(campaign)
    found += [Problem("", sentence) for sentence in fitting.sentences(campaign)]
    if not sends and not campaign.definition.syncs:
        found.append(Problem("", _("Chiến dịch chưa có bước gửi tin nào.")))
    return found


def _trigger_problems(campaign: Campaign) -> list[Problem]:
    """A value that the field never takes would make a campaign that never speaks."""
    trigger = campaign.definition.trigger
    if not isinstance(trigger, RecordChangedTrigger):
        return []
    field = campaign.dataset.fields.filter(key=trigger.field, archived_at=None).first()
    if field is not None and (not field.choices or trigger.to in field.choices):
        return []
    text = _("Điều kiện kích hoạt chờ “{field}” thành “{to}”, bảng không có giá trị này.")
    return [Problem("", format_lazy(text, field=field.label if field else trigger.field, to=trigger.to))]


def _step_problems(
    step: SendStep, template: MessageTemplate | None, fields: set[str], sms: SmsAccount | None
) -> Iterator[Problem]:
    if template is None:
        yield Problem(step.key, _("Chưa chọn mẫu tin ZNS cho bước gửi tin."))
        return
    if not template.is_enabled:
        yield Problem(step.key, format_lazy(_("Mẫu tin “{name}” chưa được Zalo duyệt."), name=template.name))
    yield from _way_problems(step, template, sms)
    for name, source in step.params.items():
        if source.field and source.field not in fields:
            yield Problem(
                step.key,
                format_lazy(
                    _("Tham số {name} lấy từ trường {field}, bảng không có trường này."), name=name, field=source.field
                ),
            )
    # A field's text is only known per visit; what is missing or fixed is known now.
    known = {name: source.value or ("?" if source.field else "") for name, source in step.params.items()}
    for problem in param_problems(template.params, known):
        if problem.code == "missing" or not step.params[problem.name].field:
            yield Problem(step.key, _param_text(template, problem))


def _way_problems(step: SendStep, template: MessageTemplate, sms: SmsAccount | None) -> Iterator[Problem]:
    for name, why in ways.closed_to_all(step, template, sms).items():
        text = format_lazy(_("Kênh {channel} của bước này chưa dùng được: {why}."), channel=WAYS[name], why=CLOSED[why])
        yield Problem(step.key, text)
    texts = {ChannelName.CHAT: step.chat_text, ChannelName.SMS: step.sms_text}
    names = [param["name"] for param in template.params]
    unknown = _("Lời nhắn của kênh {channel} nhắc tới <{param}>, mẫu tin không có tham số này.")
    braces = _("Lời nhắn của kênh {channel}: viết tham số trong dấu < >, ví dụ <customer_name>.")
    for name in step.channels:
        if has_braces(texts.get(name, "")):
            yield Problem(step.key, format_lazy(braces, channel=WAYS[name]))
        for param in strangers(texts.get(name, ""), names):
            yield Problem(step.key, format_lazy(unknown, channel=WAYS[name], param=param))


def _param_text(template: MessageTemplate, problem: ParamProblem) -> _StrPromise:
    texts = {
        "missing": _("Tham số {name} của mẫu “{template}” chưa được gán dữ liệu."),
        "too_long": _("Tham số {name} của mẫu “{template}” dài {actual} ký tự, tối đa {limit}."),
        "too_short": _("Tham số {name} của mẫu “{template}” dài {actual} ký tự, tối thiểu {limit}."),
    }
    form = _("Tham số {name} của mẫu “{template}” {problem}.")
    if problem.code not in texts:
        told = PARAM_PROBLEMS[problem.code]
        return format_lazy(form, name=problem.name, template=template.name, problem=told)
    return format_lazy(
        texts[problem.code], name=problem.name, template=template.name, actual=problem.actual, limit=problem.limit
    )


def backlog(campaign: Campaign, now: datetime) -> int:
    """Visits that match and were never taken in, but became history: not messaged unless the admin asks for it."""
    return 0 if campaign.definition.syncs else enrollment.backlog(campaign, _history_ends(campaign, now), now)


def _history_ends(campaign: Campaign, now: datetime) -> datetime:
    """Visits completed before this moment are history when the campaign is activated now."""
    return now - FRESH if campaign.enroll_from is None else max(campaign.enroll_from, now - HELD)


@transaction.atomic
def activate(*, campaign: Campaign, actor: User | None, now: datetime, include_backlog: bool = False) -> list[Problem]:
    """Start the campaign, or return what stands in the way. Starting again after a pause loses and repeats nothing."""
    if found := problems(campaign):
        return found
    enroll_from = BEGINNING if include_backlog else _history_ends(campaign, now)
    started = (
        Campaign.objects.filter(pk=campaign.pk)
        .exclude(state=CampaignState.ACTIVE)
        .update(state=CampaignState.ACTIVE, activated_at=now, enroll_from=enroll_from)
    )
    if not started:
        return []
    campaign.state, campaign.activated_at, campaign.enroll_from = Campaign.State.ACTIVE, now, enroll_from
    # A run that the pause cut short is over: what it left is picked up by the next one, and counted from there.
    campaign.occurrences.filter(state=Occurrence.State.OPEN).update(state=Occurrence.State.MISSED)
    enrollment.open_now(campaign, now)
    if campaign.source:
        open_source(source=campaign.source)
    record_audit(workspace=campaign.workspace, actor=actor, action="campaign.activate", subject=campaign.pk, now=now)
    return []


@transaction.atomic
def pause(*, campaign: Campaign, actor: User | None, now: datetime) -> None:
    """Hold the campaign: what waits keeps waiting, nothing is lost. A sync campaign's sheet gets 423 meanwhile."""
    paused = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.ACTIVE).update(state=CampaignState.PAUSED)
    if not paused:
        return
    campaign.state = Campaign.State.PAUSED
    if campaign.source and not _others_sync(campaign):
        close_source(source=campaign.source)
    record_audit(workspace=campaign.workspace, actor=actor, action="campaign.pause", subject=campaign.pk, now=now)


def _others_sync(campaign: Campaign) -> bool:
    others = Campaign.objects.filter(source=campaign.source, state=CampaignState.ACTIVE)
    return others.exclude(pk=campaign.pk).exists()


@transaction.atomic
def publish(*, campaign: Campaign, definition: Definition, actor: User | None, now: datetime) -> CampaignVersion:
    """Make `definition` the campaign's newest version. Visits already taken in stay on theirs."""
    # Two admins who save at once get two numbers, one after the other.
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    newest = campaign.versions.order_by("-number").first()
    data = definition.model_dump(mode="json")
    if newest is not None and newest.definition == data:
        return newest
    number = newest.number + 1 if newest else 1
    version = CampaignVersion.objects.create(
        campaign=campaign, number=number, definition=data, created_by=actor, created_at=now
    )
    campaign.version = version
    campaign.save(update_fields=["version"])
    if campaign.state == CampaignState.ACTIVE:
        enrollment.open_now(campaign, now)
    record_audit(
        workspace=campaign.workspace,
        actor=actor,
        action="campaign.publish",
        subject=campaign.pk,
        now=now,
        version=number,
    )
    return version
