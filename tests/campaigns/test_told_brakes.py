"""A brake follows at once from what Zalo tells, not at the next full hour."""

from __future__ import annotations

import pytest

from campaigns import receipts
from campaigns.models import ReportCount
from campaigns.standing import watch
from integrations.base import Brake
from integrations.models import MessageTemplate
from tests.campaigns.events import follower, hear, store
from tests.campaigns.story import Clinic, vn

NOON = vn(21, 12)


@pytest.mark.parametrize(("tag", "brake"), [(2, Brake.SLOW), (3, Brake.HOLD_PROMOTION)])
def test_a_template_that_zalo_calls_low_is_braked_at_once(clinic: Clinic, tag: int, brake: Brake) -> None:
    MessageTemplate.objects.update(tag=tag)
    hear(clinic, "change_template_quality", NOON, template_id="7001", quality="LOW")
    clinic.template.refresh_from_db()
    assert clinic.template.brake == brake
    hear(clinic, "change_template_quality", vn(21, 13), template_id="7001", quality="HIGH")
    clinic.template.refresh_from_db()
    assert clinic.template.brake == Brake.NONE


def test_a_lower_daily_quota_brakes_by_the_reports_there_are(clinic: Clinic) -> None:
    ReportCount.objects.create(account=clinic.account, day=NOON.date(), count=15, at=NOON)
    hear(clinic, "change_oa_daily_quota", NOON, quota={"new_value": 1_000})
    clinic.account.refresh_from_db()
    assert clinic.account.brake > Brake.NONE


def test_a_brake_is_set_once_an_account_and_batch_and_only_for_news(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    braked: list[str] = []
    monkeypatch.setattr(watch, "rebrake", lambda account, now: braked.append(account.oa_id))
    for hour in (12, 13):
        store(clinic.account, "change_template_quality", vn(21, hour), template_id="7001", quality="LOW")
        store(clinic.account, "follow", vn(21, hour), **follower())
    receipts.apply(now=vn(21, 13), limit=10)
    assert hear(clinic, "change_template_quality", vn(21, 11), template_id="7001", quality="HIGH") == "too_old"
    assert braked == [clinic.account.oa_id]
