"""Templates are read while events come: the newer word of the two stands, and nobody waits in a circle."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import responses
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import receipts
from integrations.models import MessageTemplate
from integrations.zalo.template_sync import sync_templates
from tests.campaigns.events import store
from tests.campaigns.story import Clinic

LIST, DETAIL = (f"{settings.ZALO_BUSINESS_BASE}/template/{name}" for name in ("all", "info/v2"))
READ = {"templateName": "Hỏi thăm", "templateTag": "CUSTOMER_CARE", "templateQuality": "HIGH", "status": "ENABLE"}
DISABLED = {"status": {"prev_status": "ENABLE", "new_status": "DISABLE"}, "reason": "Bị báo xấu"}


@pytest.fixture
def clinic(clinic: Clinic) -> Clinic:
    """With a token, so that Zalo can be asked."""
    clinic.account.access_token = "token"
    clinic.account.token_expires_at = clinic.clock.now() + timedelta(hours=20)
    clinic.account.save()
    return clinic


def told(clinic: Clinic, name: str, **body: Any) -> None:
    """Zalo tells of the template at this moment, and it is applied when a second has passed."""
    at = clinic.clock.now()
    store(clinic.account, name, at, now=at, template_id="7001", **body)
    receipts.apply(now=at + timedelta(seconds=1), limit=10)


def zalo_answers(clinic: Clinic, meanwhile: Any = None, detail: dict[str, Any] = READ) -> None:
    """Every answer takes five seconds; `meanwhile` happens after the one of the template is written."""
    rows = [] if "error" in detail else [{"templateId": "7001"}]

    def listed(_: Any) -> tuple[int, dict[str, str], str]:
        clinic.clock.advance(seconds=5)
        return 200, {}, json.dumps({"error": 0, "data": rows})

    def read(_: Any) -> tuple[int, dict[str, str], str]:
        if meanwhile:
            meanwhile()
        clinic.clock.advance(seconds=5)
        return 200, {}, json.dumps(detail if "error" in detail else {"error": 0, "data": detail})

    responses.add_callback(responses.GET, LIST, listed)
    responses.add_callback(responses.GET, DETAIL, read)


def kept() -> tuple[str, str, str, int | None]:
    row = MessageTemplate.objects.get(template_id="7001")
    return row.status, row.reason, row.quality, row.daily_quota


@responses.activate
def test_what_an_event_tells_while_templates_are_read_stands(clinic: Clinic) -> None:
    zalo_answers(clinic, lambda: told(clinic, "change_template_status", **DISABLED))
    sync_templates(account=clinic.account, clock=clinic.clock)
    assert kept() == ("DISABLE", "Bị báo xấu", "HIGH", None)


@responses.activate
def test_quality_and_quota_stand_by_themselves(clinic: Clinic) -> None:
    def meanwhile() -> None:
        told(clinic, "change_template_quality", quality="LOW")
        told(clinic, "change_template_quota", quota={"new_value": 200})

    zalo_answers(clinic, meanwhile)
    sync_templates(account=clinic.account, clock=clinic.clock)
    assert kept() == ("ENABLE", "", "LOW", 200)


@responses.activate
def test_an_event_of_the_time_of_reading_that_comes_later_is_news(clinic: Clinic) -> None:
    asked_at = clinic.clock.now()
    zalo_answers(clinic)
    sync_templates(account=clinic.account, clock=clinic.clock)
    assert MessageTemplate.objects.get().synced_at == asked_at
    clinic.clock.moment = asked_at + timedelta(seconds=7)
    told(clinic, "change_template_status", **DISABLED)
    assert kept()[0] == "DISABLE"


@responses.activate
def test_a_reading_still_corrects_what_an_older_event_told(clinic: Clinic) -> None:
    told(clinic, "change_template_status", **DISABLED)
    clinic.clock.advance(seconds=1)
    zalo_answers(clinic)
    sync_templates(account=clinic.account, clock=clinic.clock)
    assert kept() == ("ENABLE", "", "HIGH", None)


@responses.activate
def test_a_template_that_an_event_brought_back_is_not_marked_as_deleted(clinic: Clinic) -> None:
    back = {"status": {"prev_status": "DISABLE", "new_status": "ENABLE"}}
    zalo_answers(clinic, lambda: told(clinic, "change_template_status", **back), {"error": -109})
    sync_templates(account=clinic.account, clock=clinic.clock)
    assert kept()[0] == "ENABLE"


@responses.activate
def test_the_account_is_locked_before_its_templates_as_where_a_brake_is_set(clinic: Clinic) -> None:
    zalo_answers(clinic)
    with CaptureQueriesContext(connection) as queries:
        sync_templates(account=clinic.account, clock=clinic.clock)
    asked = [query["sql"] for query in queries]
    written = next(place for place, sql in enumerate(asked) if sql.startswith("INSERT"))
    account, templates = asked[written - 2 : written]
    assert 'FROM "integrations_officialaccount"' in account
    assert 'FROM "integrations_messagetemplate"' in templates
