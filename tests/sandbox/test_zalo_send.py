"""POST /message/template: who may send what to whom, and what Zalo says."""

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from sandbox.models import Account, Message, Template
from sandbox.zalo import services
from tests.sandbox.zalo_story import (
    BILL,
    CARE,
    HOA,
    LAN,
    NOON,
    OA,
    PROMO,
    ask,
    post_json,
    seed_delivered,
    send,
    set_clock,
)

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]


def served_before(phone=HOA, at=NOON - timedelta(days=30)):
    seed_delivered(oa_id=OA, template_id=CARE, phones_at=[(phone, at)])


def test_an_accepted_send_answers_in_zalos_shape(client, token):
    answer = send(client, token)
    assert re.fullmatch(r"[0-9a-f]{20}", answer["data"].pop("msg_id"))
    assert answer == {
        "error": 0,
        "message": "Success",
        "data": {
            "sent_time": "1795237200000",
            "sending_mode": "1",
            "quota": {"dailyQuota": "20000", "remainingQuota": "19999"},
        },
    }


def test_the_same_tracking_id_is_a_second_message(client, token):
    first, second = send(client, token), send(client, token)
    assert first["data"]["msg_id"] != second["data"]["msg_id"]
    assert Message.objects.filter(tracking_id="t1").count() == 2


@pytest.mark.parametrize("phone", ["+84912345678", "0912345678", "912345678"])
def test_every_accepted_spelling_reaches_the_same_phone(client, token, phone):
    send(client, token, phone=phone)
    assert Message.objects.get().phone == HOA


@pytest.mark.parametrize(("body", "code"), [("", -121), ("{", -122), ("[]", -122), ('"x"', -122)])
def test_a_body_that_is_no_object(client, token, body, code):
    assert post_json(client, "zalo/business/message/template", body, access_token=token).json()["error"] == code


def test_get_is_no_way_to_send(client, token):
    assert ask(client, token, "message/template")["error"] == -106


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"phone": "02873000000"}, -108),
        ({"phone": None}, -108),
        ({"template_id": "9"}, -109),
        ({"template_id": int(CARE)}, 0),
        ({"template_data": {}}, -111),
        ({"template_data": {"customer_name": "Hoa"}}, -1122),
        ({"template_data": {"customer_name": "a" * 31, "customer_id": "1"}}, -1121),
        ({"template_data": {"customer_name": {}, "customer_id": "1"}}, -1124),
        ({"tracking_id": 5}, -132),
        ({"mode": "test"}, -132),
        ({"mode": "development"}, -127),
        ({"sending_mode": "2"}, -161),
        ({"sending_mode": "3"}, -162),
    ],
)
def test_requests(client, token, wrong, code):
    assert send(client, token, **wrong)["error"] == code
    assert Message.objects.count() == (code == 0)


@pytest.mark.parametrize("bad", ["", "guess"])
def test_a_wrong_token(client, token, bad):
    assert send(client, bad) == {"error": -124, "message": "Access token invalid"}


@pytest.mark.parametrize(
    ("status", "code"), [("ENABLE", 0), ("PENDING_REVIEW", -131), ("REJECT", -131), ("DISABLE", -146), ("DELETE", -131)]
)
def test_template_states(client, token, status, code):
    Template.objects.update(status=Template.Status[status])
    assert send(client, token)["error"] == code


def test_a_template_of_another_account(client, token):
    services.create_account(
        oa_id="2", name="Khác", app_id="2", app_secret="s", oa_secret_key="k", webhook_url="", now=NOON
    )
    Template.objects.update(account=Account.objects.get(oa_id="2"))
    assert send(client, token)["error"] == -117


@pytest.mark.parametrize(
    ("traits", "code"),
    [
        ({"on_zalo": False}, -118),
        ({"blocked": True}, -141),
        ({"refusal": -110}, -110),
        ({"refusal": -139}, -139),
        ({"reachable": False}, 0),
        ({}, 0),
    ],
)
def test_people(client, token, traits, code):
    services.set_recipient(phone=HOA, **traits)
    assert send(client, token)["error"] == code
    assert send(client, token, phone=LAN)["error"] == 0


@pytest.mark.parametrize("code", [-120, -1351, -136])
def test_an_account_in_trouble(client, token, code):
    Account.objects.update(standing_error=code)
    assert send(client, token)["error"] == code


def test_development_mode_reaches_admins_with_unapproved_templates_and_costs_nothing(client, token):
    Account.objects.update(admin_phones=[HOA])
    Template.objects.update(status=Template.Status.PENDING_REVIEW)
    answer = send(client, token, mode="development")
    assert answer["data"]["quota"] == {"dailyQuota": "20000", "remainingQuota": "20000"}


@pytest.mark.parametrize(
    ("policy", "daily", "chosen", "template_id", "code"),
    [
        ("2024", 10_000, None, PROMO, -145),
        ("2024", 20_000, None, PROMO, 0),
        ("2026", 1_000, None, PROMO, 0),
        ("2026", 20_000, [2, 3], BILL, -145),
        ("2024", 500, None, BILL, 0),
    ],
)
def test_tags(client, token, policy, daily, chosen, template_id, code):
    Account.objects.update(policy=policy, daily_quota=daily, allowed_tags=chosen)
    served_before()
    assert send(client, token, template_id)["error"] == code


@pytest.mark.parametrize(
    ("hours", "template_id", "code"),
    [(9.99, PROMO, 0), (10, PROMO, -133), (17.99, PROMO, -133), (18, PROMO, 0), (10, CARE, 0), (10, BILL, 0)],
)
def test_no_promotion_from_22_to_6(client, token, monkeypatch, hours, template_id, code):
    served_before()
    set_clock(monkeypatch, NOON + timedelta(hours=hours))
    assert send(client, token, template_id)["error"] == code


@pytest.mark.parametrize(
    ("at", "template_id", "code"),
    [
        (None, CARE, -140),
        (NOON - timedelta(days=1), CARE, 0),
        (NOON.replace(month=5), CARE, 0),  # exactly six months
        (NOON.replace(month=5, day=20), CARE, -140),
        (NOON - timedelta(days=1), BILL, 0),
        (NOON - timedelta(days=1), PROMO, -140),  # a promotion opens no door for the next
    ],
)
def test_promotion_only_to_who_was_served_within_six_months(client, token, at, template_id, code):
    if at:
        seed_delivered(oa_id=OA, template_id=template_id, phones_at=[(HOA, at)])
    assert send(client, token, PROMO)["error"] == code


def test_what_did_not_arrive_yet_is_no_service(client, token, monkeypatch):
    send(client, token)
    assert send(client, token, PROMO)["error"] == -140
    set_clock(monkeypatch, NOON + timedelta(seconds=1))
    assert send(client, token, PROMO)["error"] == 0


def test_a_send_costs_few_queries(client, token):
    with CaptureQueriesContext(connections["sandbox"]) as seen:
        assert send(client, token)["error"] == 0
    statements = [query["sql"] for query in seen if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert len(statements) == 6, statements  # template and account, faults, person, day, template's day, message
