"""Vì sao có / chưa có tin: what each campaign did with one visit, or why it has done nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.definition import RecordChangedTrigger, ScheduleTrigger
from campaigns.models import Campaign, Enrollment, Message
from campaigns.models.campaign import readable
from campaigns.schedule import next_run
from campaigns.states import CampaignState, EnrollmentState
from datahub.filtering import words as filter_words
from datahub.models import Record
from integrations.vietnam import local


@dataclass(frozen=True)
class Story:
    """One campaign's dealings with one visit. `sentence` says where it stands."""

    campaign: Campaign
    enrollments: list[Enrollment]
    messages: list[Message]
    sentence: str


def stories(record: Record, now: datetime) -> list[Story]:
    """One for each messaging campaign of the record's table, whatever came of it."""
    campaigns = (
        Campaign.objects.filter(dataset_id=record.dataset_id).select_related("version").order_by("group_id", "position")
    )
    entered = list(record.enrollments.order_by("-occasion", "-id"))
    messages = list(record.messages.select_related("template").order_by("id"))
    labels = {field.key: field.label for field in record.dataset.fields.all()}
    return [
        Story(
            campaign,
            mine := [each for each in entered if each.campaign_id == campaign.pk],
            [each for each in messages if each.campaign_id == campaign.pk],
            _entered(mine[0], campaign, record, now) if mine else _not_entered(campaign, record, entered, labels, now),
        )
        for campaign in campaigns
        if not campaign.definition.syncs
    ]


def _entered(enrollment: Enrollment, campaign: Campaign, record: Record, now: datetime) -> str:
    if enrollment.state == EnrollmentState.CANCELLED:
        return _("Lượt khám đã ra khỏi chiến dịch.")
    if enrollment.state == EnrollmentState.DONE:
        return _("Lượt khám đã đi hết các bước của chiến dịch.")
    # A visit in flight is asked again by the version that took it in.
    definition = readable([enrollment.version_id]).get(enrollment.version_id)
    if definition is None or definition.filter.matches(record.values, local(now).date()):
        text = _("Đang trì hoãn, bước tiếp theo lúc %(time)s.")
    else:
        text = _("Không còn đúng điều kiện lọc; sẽ bị loại lúc %(time)s nếu không đổi lại.")
    text %= {"time": _when(enrollment.due_at)}
    paused = campaign.state != CampaignState.ACTIVE
    return f"{text} {_('Chiến dịch đang tạm dừng nên lượt khám được giữ lại.')}" if paused else text


def _not_entered(
    campaign: Campaign, record: Record, entered: list[Enrollment], labels: dict[str, str], now: datetime
) -> str:
    if any(each.lineage == campaign.lineage for each in entered):
        return _("Lượt khám đã vào chiến dịch cùng mẫu; mỗi lượt khám chỉ nhận một tin.")
    if campaign.state == CampaignState.DRAFT:
        return _("Chiến dịch chưa được kích hoạt.")
    definition = campaign.definition
    if not definition.filter.matches(record.values, local(now).date()):
        return _("Chưa đúng điều kiện lọc: %(filter)s.") % {"filter": filter_words.sentence(definition.filter, labels)}
    since = record.completed_at or record.created_at
    if campaign.enroll_from and since < campaign.enroll_from:
        return _("Lượt khám hoàn thành từ trước khi chiến dịch được kích hoạt nên không được nhắn.")
    return _expected(campaign, definition.trigger, now)


def _expected(campaign: Campaign, trigger: object, now: datetime) -> str:
    if campaign.state == CampaignState.PAUSED:
        return _("Đúng điều kiện, nhưng chiến dịch đang tạm dừng.")
    if isinstance(trigger, ScheduleTrigger):
        return _("Đúng điều kiện, sẽ được chọn ở lượt chạy %(time)s.") % {"time": _when(next_run(trigger, after=now))}
    if isinstance(trigger, RecordChangedTrigger):
        return _("Đúng điều kiện; chiến dịch chọn vào lúc dữ liệu thay đổi.")
    return _("Đúng điều kiện, sẽ được chọn trong giây lát.")


def _when(moment: datetime) -> str:
    return f"{local(moment):%H:%M %d/%m/%Y}"
