"""What another program reads and says about messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import ApiToken, AuditEntry, User
from campaigns.models import Message, Suppression
from campaigns.states import MessageState
from datahub.models import Record
from integrations import clock
from tests.campaigns.story import PHONE, Clinic, vn
from tests.datahub.calling import Caller, api_row, make_api_source, make_token

pytestmark = pytest.mark.urls("tests.datahub.api_urls")


@pytest.fixture
def caller(clinic: Clinic, owner: User) -> Caller:
    """The clinic's own software."""
    return Caller(make_token(clinic.workspace, owner)[1])


def test_a_visit_that_the_program_sent_gets_its_message_and_the_program_reads_it(
    clinic: Clinic, caller: Caller, owner: User
) -> None:
    make_api_source(clinic.source.dataset, owner)
    sent = caller.send(clinic.source.dataset, api_row("HD1", shop_name="Quận 1"))
    assert sent.json()["results"][0]["note"].startswith("Gửi tin dự kiến")
    record = Record.objects.get()
    assert caller("GET", f"/messages?record={record.pk}").json() == []


def test_every_message_of_a_visit_is_told_with_its_reason(clinic: Clinic, caller: Caller) -> None:
    record = clinic.visit()
    clinic.at(vn(21, 9))
    assert caller("GET", f"/messages?record={record.pk}").json() == []
    clinic.at(vn(21, 11, 2))
    [told] = caller("GET", f"/messages?record={record.pk}").json()
    assert (told["state"], told["record_id"], told["channel"]) == ("sent", record.pk, "zns")
    assert told["sent_at"] == "2026-11-21T04:02:00Z"
    Message.objects.update(state=MessageState.SKIPPED, reason_code="too_late", facts={})
    [told] = caller("GET", f"/messages?record={record.pk}").json()
    assert told["reason_code"] == "too_late"
    assert told["reason"].endswith(".")


@pytest.mark.parametrize("query", ["", "?record=", "?record=x", "?record=0", f"?record={2**63}"])
def test_422_a_visit_must_be_named(caller: Caller, query: str) -> None:
    assert caller("GET", f"/messages{query}").status_code == 422


def test_a_phone_is_put_on_the_list_once_and_never_for_less(clinic: Clinic, caller: Caller) -> None:
    until = clock.now() + timedelta(days=30)
    first = caller("POST", "/suppressions", {"phone": "0912 345 678", "note": "gọi tổng đài"})
    assert first.json() == {"phone": PHONE, "reason": "asked", "until": None}
    again = caller("POST", "/suppressions", {"phone": PHONE, "reason": "complained", "until": until.isoformat()})
    assert again.json() == {"phone": PHONE, "reason": "complained", "until": None}
    mark = Suppression.objects.get(workspace=clinic.workspace)
    assert (mark.way, mark.created_by) == (Suppression.Way.EVERY, None)
    told = {"mark": mark.pk, "token": ApiToken.objects.get().pk}
    noted = AuditEntry.objects.filter(action="customer.stop")
    assert [(each.actor, each.facts) for each in noted] == [(None, told)] * 2


def test_a_message_to_that_phone_does_not_leave(clinic: Clinic, caller: Caller) -> None:
    clinic.visit()
    clinic.at(vn(21, 9))
    assert caller("POST", "/suppressions", {"phone": PHONE}).status_code == 200
    clinic.at(vn(21, 11, 2))
    assert Message.objects.get().state == MessageState.SKIPPED
    assert clinic.channel.sent == []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "123"}, "phone"),
        ({"phone": 912345678}, "phone"),
        ({"phone": "x" * 41}, "phone"),
        ({"phone": PHONE, "reason": "khác"}, "reason"),
        ({"phone": PHONE, "note": "x" * 301}, "note"),
        ({"phone": PHONE, "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"phone": PHONE, "until": "2099-01-01T00:00:00Z"}, "until"),
        ({"phone": PHONE, "until": "2027-01-01"}, "until"),
    ],
)
def test_422_says_what_is_wrong(caller: Caller, body: dict[str, object], where: str) -> None:
    response = caller("POST", "/suppressions", body)
    assert (response.status_code, response.json()["details"][0]["where"]) == (422, where)
    assert not Suppression.objects.exists()


def test_one_more_message_is_no_more_queries(
    clinic: Clinic, caller: Caller, django_assert_max_num_queries: object
) -> None:
    record = clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11, 2))
    with django_assert_max_num_queries(5):  # type: ignore[operator]  # the plugin's fixture has no type
        caller("GET", f"/messages?record={record.pk}")
