"""Windows between two readings, and windows that only Zalo's word closes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from campaigns import places, progress
from campaigns.models import Message, QuotaWindow
from integrations.base import Claim
from integrations.models import MessageTemplate, OfficialAccount, QuotaChange
from integrations.zalo.errors import Host, meaning
from integrations.zalo.policy import ZaloPolicy
from integrations.zalo.quota_changes import change_quota
from tests.campaigns.guarding import messages, reserve
from tests.campaigns.story import PHONE, Clinic, due, vn


def lower_account(clinic: Clinic) -> None:
    account = OfficialAccount.objects.get(pk=clinic.account.pk)
    change_quota(account, after=4, cause=QuotaChange.Cause.TOLD, at=clinic.clock.now())


def lower_template(clinic: Clinic) -> None:
    MessageTemplate.objects.update(daily_quota=4)


@pytest.mark.parametrize("lower", [lower_account, lower_template])
def test_a_worker_with_an_older_reading_does_not_raise_what_another_lowered(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, lower: Callable[[Clinic], None]
) -> None:
    """It read ten; before it has the locks the quota is four, and the four are taken."""
    messages(clinic, 8)
    OfficialAccount.objects.update(daily_quota=10)
    MessageTemplate.objects.update(daily_quota=10)
    first, second = (list(Message.objects.select_related("template").order_by("id")) for _ in range(2))
    real = places.locked

    def late(account: OfficialAccount, claims: Iterable[Claim]) -> places.Windows:
        monkeypatch.setattr(places, "locked", real)
        lower(clinic)
        for message in first:
            message.template.refresh_from_db()
        assert sum(isinstance(answer, tuple) for answer in reserve(clinic, first[:4])) == 4
        return real(account, claims)

    monkeypatch.setattr(places, "locked", late)
    assert not any(isinstance(answer, tuple) for answer in reserve(clinic, second[4:]))
    assert 4 in QuotaWindow.objects.values_list("limit", flat=True)
    assert set(QuotaWindow.objects.values_list("used", flat=True)) == {4}


def test_a_quota_that_grew_between_two_readings_is_granted_whole(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = messages(clinic, 4)
    OfficialAccount.objects.update(daily_quota=1)
    reserve(clinic, batch[:1])
    OfficialAccount.objects.update(daily_quota=2)
    real = places.locked

    def late(account: OfficialAccount, claims: Iterable[Claim]) -> places.Windows:
        OfficialAccount.objects.update(daily_quota=4)
        return real(account, claims)

    monkeypatch.setattr(places, "locked", late)
    assert all(isinstance(answer, tuple) for answer in reserve(clinic, batch[1:]))


def test_an_unlimited_account_that_zalo_stops_asks_no_more_that_day(clinic: Clinic) -> None:
    OfficialAccount.objects.update(daily_quota=None)
    due(clinic, 6)
    for number in range(6):
        clinic.channel.tell(f"849{12_345_678 + number}", meaning(Host.BUSINESS, -144, "ZNS daily quota exceeded"))
    clinic.tick()
    asked = len(clinic.channel.sent)
    clinic.visit(Mã_khách_hàng="KH9", Số_điện_thoại="0912345699")
    for minute in (30, 45):
        clinic.at(vn(21, 11, minute))
    assert len(clinic.channel.sent) == asked
    clinic.at(vn(22, 11))
    assert len(clinic.channel.sent) > asked


def test_a_person_who_had_enough_promotion_today_is_not_asked_again_today(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        clinic.visit(Mã_khách_hàng=f"K{number}", Số_điện_thoại=f"09123450{number:02}")
    for service in ("Nhổ răng", "Cạo vôi"):
        clinic.visit(Mã_khách_hàng="KH0", Số_điện_thoại="0912345678", Dịch_vụ=service)
    clinic.at(vn(21, 9))
    clinic.clock.moment = vn(21, 11)
    progress.advance(now=clinic.clock.now(), limit=99)
    Message.objects.update(tag=3)
    no = meaning(Host.BUSINESS, -1472, "user day quota")
    clinic.channel.tell(PHONE, no, no)
    monkeypatch.setattr(ZaloPolicy, "_not_eligible", lambda *_: None)
    first = Message.objects.filter(phone=PHONE).earliest("id")
    Message.objects.filter(phone=PHONE).exclude(pk=first.pk).update(due_at=vn(21, 11, 30))
    for minute in (0, 30, 45):
        clinic.at(vn(21, 11, minute))
    assert [sent.phone for sent in clinic.channel.sent].count(PHONE) == 1
