"""The questions a client asks Zalo, in Zalo's JSON."""

from datetime import timedelta

import pytest

from sandbox.models import Account, Template
from tests.sandbox.zalo_story import BILL, CARE, NOON, OA, PROMO, ask, send, set_clock

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]


@pytest.mark.parametrize(
    "path",
    [
        "message/quota",
        "quality",
        "message/template-tag",
        "template/all",
        "template/info/v2",
        "template/sample-data",
        "message/status",
    ],
)
def test_every_question_needs_a_token(client, token, path):
    assert ask(client, "guess", path) == {"error": -124, "message": "Access token invalid"}


def test_template_list(client, token):
    answer = ask(client, token, "template/all", offset="0", limit="2", status="1", filterPreset="1")
    assert answer["metadata"] == {"total": 3}
    assert [row["templateId"] for row in answer["data"]] == [int(CARE), int(PROMO)]
    assert answer["data"][0] == {
        "templateId": int(CARE),
        "templateName": f"Mẫu {CARE}",
        "createdTime": 1795237200000,
        "status": "ENABLE",
        "templateQuality": "HIGH",
    }


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({}, 3),
        ({"offset": "2"}, 1),
        ({"status": "4"}, 1),
        ({"status": "3"}, 0),
        ({"status": "ENABLE"}, -132),
        ({"status": "9"}, -132),
        ({"limit": "101"}, -132),
        ({"limit": "0"}, -132),
        ({"offset": "x"}, -132),
    ],
)
def test_template_list_filters(client, token, query, seen):
    Template.objects.filter(template_id=BILL).update(status=Template.Status.DISABLE)
    answer = ask(client, token, "template/all", **query)
    assert (answer["error"] or len(answer["data"])) == seen


def test_the_text_of_a_bad_status_is_zalos(client, token):
    assert ask(client, token, "template/all", status="ENABLE")["message"] == "Invalid status"


def test_template_detail(client, token):
    assert ask(client, token, "template/info/v2", template_id=CARE)["data"] == {
        "templateId": int(CARE),
        "templateName": f"Mẫu {CARE}",
        "status": "ENABLE",
        "reason": "",
        "listParams": [
            {"name": name, "require": True, "type": "STRING", "maxLength": 30, "minLength": 0, "acceptNull": False}
            for name in ("customer_name", "customer_id")
        ],
        "listButtons": [{"type": 2, "title": "LIÊN HỆ NGAY", "content": "02873000000"}],
        "timeout": 7_200_000,
        "previewUrl": f"https://account.zalo.cloud/znspreview/{CARE}",
        "templateQuality": "HIGH",
        "templateTag": "CUSTOMER_CARE",
        "price": "200",
        "price_sdt": "200",
        "price_uid": "140",
        "applyTemplateQuota": False,
        "templateDailyQuota": None,
        "templateRemainingQuota": None,
    }


def test_a_template_under_review_hides_its_parameters(client, token):
    Template.objects.update(status=Template.Status.PENDING_REVIEW)
    data = ask(client, token, "template/info/v2", template_id=CARE)["data"]
    assert (data["status"], data["listParams"]) == ("PENDING_REVIEW", [])


@pytest.mark.parametrize("path", ["template/info/v2", "template/info", "template/sample-data"])
def test_an_unknown_template(client, token, path):
    assert ask(client, token, path, template_id="9")["error"] == -109


def test_sample_data(client, token):
    data = ask(client, token, "template/sample-data", template_id=CARE)["data"]
    assert set(data) == {"customer_name", "customer_id"}


def test_quality_and_tags(client, token):
    Account.objects.update(quality_7d="LOW", policy="2024", daily_quota=5000)
    assert ask(client, token, "quality")["data"] == {"oaCurrentQuality": "HIGH", "oa7dayQuality": "LOW"}
    assert ask(client, token, "message/template-tag")["data"] == ["TRANSACTION", "CUSTOMER_CARE"]


def test_message_status(client, token, monkeypatch):
    msg_id = send(client, token)["data"]["msg_id"]

    def status(message_id):
        return ask(client, token, "message/status", message_id=message_id)["data"]

    assert status("none")["status"] == -1
    assert status("t1")["status"] == -1  # Zalo cannot be asked by tracking_id
    assert status(msg_id)["status"] == 0
    set_clock(monkeypatch, NOON + timedelta(seconds=1))
    assert (status(msg_id)["status"], status(msg_id)["delivery_time"]) == (1, "1795237201000")


def test_getoa(client, token):
    def getoa(value):
        return client.get("/sandbox/zalo/openapi/v2.0/oa/getoa", headers={"access_token": value}).json()

    assert getoa(token)["data"]["oa_id"] == OA
    assert getoa("guess") == {"error": -216, "message": "Access token is invalid"}
