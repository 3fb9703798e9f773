"""Stories with several ways to a patient: an obedient channel of every name, and what the step may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Message
from integrations import registry
from integrations.base import ChannelName, Refused, Scope
from integrations.models import SmsAccount, ZaloUser
from tests.campaigns.story import PHONE, Clinic, ObedientChannel, vn

CHAT, UID, ZNS, SMS = ChannelName
Ways = dict[ChannelName, ObedientChannel]
NOT_ON_ZALO = Refused("not_on_zalo", Scope.RECIPIENT, {"code": -118})


def every_way(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """An obedient channel of every name; the step may take any of them, and SMS is connected."""
    every = {name: ObedientChannel(name=name) for name in (CHAT, UID, SMS)} | {ZNS: clinic.channel}
    for name, channel in every.items():
        monkeypatch.setitem(registry._CHANNELS, name, channel)
    clinic.template.price_uid_vnd = 140
    clinic.template.registered_at = vn(1)
    clinic.template.save()
    SmsAccount.objects.create(workspace=clinic.workspace, api_key="k", secret_key="s", brandname="HOASEN")
    allow(clinic, *ChannelName)
    return every


def allow(clinic: Clinic, *names: ChannelName, **step: Any) -> None:
    """The send step may take these ways."""
    texts = {"chat_text": "Chào <customer_name>, chị thấy sao rồi ạ?", "sms_text": "Chao <customer_name>"}
    steps = [each.model_dump() for each in clinic.send.definition.steps]
    clinic.set_definition(clinic.send, steps=[steps[0], steps[1] | texts | {"channels": names} | step])


def know(clinic: Clinic, user_id: str = "u1", *, hours: float = 1, phone: str = PHONE) -> ZaloUser:
    """The patient is a Zalo user who wrote so many hours before eleven, and whose phone the clinic confirmed."""
    wrote = vn(21, 11) - timedelta(hours=hours)
    return ZaloUser.objects.create(
        account=clinic.account,
        user_id=user_id,
        phone=phone,
        phone_confirmed_at=wrote,
        is_follower=True,
        last_interaction_at=wrote,
        told_at=wrote,
    )


def sent(ways: Ways) -> dict[ChannelName, int]:
    """How many calls each channel got, of those that got any."""
    return {name: len(channel.sent) for name, channel in ways.items() if channel.sent}


def again(clinic: Clinic, day: int, month: int = 11) -> Message:
    """The same patient comes once more, and their message falls due."""
    clinic.clock.moment = vn(day, 8, month=month)
    clinic.visit(Mã_khách_hàng="KH0", Số_điện_thoại="0912345678", Dịch_vụ=f"Khám lần {day}/{month}")
    clinic.at(vn(day, 9, month=month))
    clinic.at(vn(day, 11, month=month))
    return Message.objects.order_by("-id")[0]
