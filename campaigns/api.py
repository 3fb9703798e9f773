"""What another program may ask and say about messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import BaseModel, Field, StringConstraints

from accounts.access import fetch
from campaigns.explain import reason_text
from campaigns.models import Message, Suppression
from campaigns.suppressions import stop
from datahub import phones
from datahub.api import refusals
from datahub.api.door import TokenRequest
from datahub.api.refusals import READS_BODY, REFUSED
from datahub.fields import FieldError
from datahub.models import Record
from datahub.paging import Moment
from integrations import clock

messages = Router(tags=["Tin nhắn"])
suppressions = Router(tags=["Không gửi"])

_FARTHEST = timedelta(days=3660)


class MessageOut(Schema):
    """One intended message and what became of it."""

    id: int
    record_id: int
    campaign: str
    channel: str
    state: str
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    reason_code: str
    reason: str = Field(description="Vì sao, bằng một câu tiếng Việt; rỗng nếu không có gì phải nói.")


@messages.get("", response={200: list[MessageOut]} | REFUSED, summary="Tin của một lượt khám")
def of_record(request: TokenRequest, record: Annotated[int, Query(ge=1, le=2**63 - 1)]) -> list[MessageOut]:
    """Mọi tin đã hẹn, đã gửi hoặc bị bỏ qua của lượt khám, tin cũ trước."""
    visit = fetch(Record.objects.all(), request, id=record)
    found = Message.objects.filter(workspace=request.workspace, record=visit).select_related("campaign").order_by("id")
    return [_message_out(message) for message in found]


def _message_out(message: Message) -> MessageOut:
    return MessageOut(
        id=message.pk,
        record_id=message.record_id,
        campaign=message.campaign.name,
        channel=message.channel,
        state=message.state,
        due_at=message.due_at,
        sent_at=message.sent_at,
        delivered_at=message.delivered_at,
        reason_code=message.reason_code,
        reason=reason_text(message.reason_code, message.facts) if message.reason_code else "",
    )


class StopIn(BaseModel):
    """Whom not to write to, why, and until when."""

    phone: Annotated[str, StringConstraints(max_length=40)]
    reason: Literal["asked", "complained", "wrong_person", "other"] = "asked"
    note: Annotated[str, StringConstraints(max_length=300)] = ""
    until: Moment | None = Field(None, description="Hết thời điểm này thì gửi lại được; null: không thời hạn.")


class StopOut(Schema):
    """The mark as it stands: never shorter than one that held before."""

    phone: str
    reason: str
    until: datetime | None


@suppressions.post("", response={200: StopOut} | READS_BODY, summary="Không gửi tới một số")
def stop_phone(request: TokenRequest, said: StopIn) -> StopOut | HttpResponse:
    """Đưa số vào danh sách không gửi, bằng mọi kênh. Gửi lại không làm gì thêm."""
    now = clock.now()
    number = phones.phone(said.phone)
    if isinstance(number, FieldError) or not number:
        what = number.message if isinstance(number, FieldError) else "đang để trống"
        return refusals.wrong("phone.wrong", "phone", what).answer()
    if said.until is not None and not now < said.until < now + _FARTHEST:
        return refusals.wrong("until.wrong", "until", "phải ở tương lai, trong vòng mười năm").answer()
    mark = stop(
        workspace=request.workspace,
        phone=number,
        reason=said.reason,
        note=said.note,
        until=said.until,
        actor=None,
        now=now,
        token=request.auth.pk,
    )
    return _stop_out(mark)


def _stop_out(mark: Suppression) -> StopOut:
    return StopOut(phone=mark.phone, reason=mark.reason_code, until=mark.until)
