"""The OpenAPI description tells all of this Zalo, and tells the truth."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sandbox.models import Click, Message, Rating, Template
from sandbox.zalo import described, hashes
from sandbox.zalo.urls import zalo_patterns
from tests.sandbox.schema_check import misfits
from tests.sandbox.test_zalo_creating import PNG, draft
from tests.sandbox.zalo_story import APP, CARE, HOA, NOON, OA, SECRET, make_account, make_user, send

pytestmark = [pytest.mark.django_db(databases=["default", "sandbox"]), pytest.mark.usefixtures("noon")]
DATA = {"customer_name": "Hoa", "customer_id": "KH001"}
TIMES = {"template_id": CARE, "from_time": "0", "to_time": "1895237200000"}
PAGES = {"/oauth/v4/oa/permission", "/oauth/v4/permission/error"}


@pytest.fixture
def pair(db):
    return make_account()


@pytest.fixture
def known(pair, client):
    """The ids that the requests below need."""
    user_id = make_user(oa_id=OA, phone=HOA, name="Hoa", follows=True, last_interaction_at=NOON - timedelta(hours=1))
    msg_id = send(client, pair["access_token"])["data"]["msg_id"]
    message = Message.objects.get()
    Rating.objects.create(message=message, rate=5, note="Tốt", at=NOON)
    Click.objects.create(message=message, data="Có", at=NOON)
    rejected = Template.objects.create(
        account=message.account, template_id="351009", name="Mẫu cũ", tag=2, by_api=True, status=Template.Status.REJECT
    )
    return {"user_id": user_id, "msg_id": msg_id, "rejected": rejected.template_id, **pair}


# Every operation with a request that succeeds: what it is asked with, out of what is known.
GOOD = {
    ("post", "/oauth/v4/oa/access_token"): lambda known: {
        "form": {"app_id": APP, "grant_type": "refresh_token", "refresh_token": known["refresh_token"]}
    },
    ("post", "/business/message/template"): lambda known: {
        "json": {"phone": HOA, "template_id": CARE, "template_data": DATA, "tracking_id": "t"}
    },
    ("post", "/business/message/template/hashphone"): lambda known: {
        "json": {"hash_phone": hashes.hashed(HOA), "template_id": CARE, "template_data": DATA}
    },
    ("get", "/business/message/quota"): lambda known: {},
    ("get", "/business/message/template-tag"): lambda known: {},
    ("get", "/business/message/status"): lambda known: {"query": {"message_id": known["msg_id"]}},
    ("get", "/business/quality"): lambda known: {},
    ("get", "/business/template/all"): lambda known: {"query": {"limit": "2"}},
    ("get", "/business/template/info/v2"): lambda known: {"query": {"template_id": CARE}},
    ("get", "/business/template/info"): lambda known: {"query": {"template_id": CARE}},
    ("get", "/business/template/sample-data"): lambda known: {"query": {"template_id": CARE}},
    ("post", "/business/template/create"): lambda known: {"json": draft()},
    ("post", "/business/template/edit"): lambda known: {"json": draft(template_id=known["rejected"])},
    ("post", "/business/upload/image"): lambda known: {"form": {"file": SimpleUploadedFile("a.png", PNG)}},
    ("post", "/business/rating/get"): lambda known: {"json": TIMES},
    ("get", "/business/rating/get"): lambda known: {"query": TIMES},
    ("post", "/business/response/get"): lambda known: {"json": TIMES},
    ("get", "/business/response/get"): lambda known: {"query": TIMES},
    ("get", "/openapi/v2.0/oa/getoa"): lambda known: {},
    ("post", "/openapi/v2.0/oa/quota/message"): lambda known: {"json": {"type": "promotion"}},
    ("post", "/openapi/v3.0/oa/message/template"): lambda known: {
        "json": {"user_id": known["user_id"], "template_id": CARE, "template_data": DATA}
    },
    ("post", "/openapi/v3.0/oa/message/cs"): lambda known: {
        "json": {"recipient": {"user_id": known["user_id"]}, "message": {"text": "Chào chị"}}
    },
    ("post", "/openapi/v3.0/oa/quota/message"): lambda known: {"json": {"user_id": known["user_id"]}},
    ("get", "/openapi/v3.0/oa/user/detail"): lambda known: {
        "query": {"data": json.dumps({"user_id": known["user_id"]})}
    },
    ("get", "/openapi/v3.0/oa/user/getlist"): lambda known: {"query": {"data": "{}"}},
}
STOPPED: dict[tuple[str, str], Any] = {
    ("post", "/openapi/v3.0/oa/message/transaction"): lambda known: {"json": {}},
    ("post", "/openapi/v3.0/oa/message/promotion"): lambda known: {"json": {}},
}


def operations():
    paths = described.document()["paths"]
    return {(method, path): told for path, methods in paths.items() for method, told in methods.items()}


def call(client, method, path, headers, query=None, **body):
    url = f"/sandbox/zalo{path}"
    if method == "get":
        return client.get(url, query or {}, headers=headers)
    if "json" in body:
        return client.post(url, json.dumps(body["json"]), content_type="application/json", headers=headers)
    return client.post(url, body["form"], headers=headers)


def schema_of(method, path):
    return operations()[method, path]["responses"]["200"]["content"]["application/json"]["schema"]


def test_every_route_that_plays_zalo_is_described_and_nothing_else_is():
    assert {f"/{pattern.pattern}" for pattern in zalo_patterns} == set(described.document()["paths"])


def test_every_described_operation_is_asked_below():
    pages = {("get", path) for path in PAGES}
    assert set(operations()) == set(GOOD) | set(STOPPED) | pages


@pytest.mark.parametrize(("method", "path"), sorted(GOOD | STOPPED))
def test_real_answers_fit_what_is_described(client, known, method, path):
    headers = {"access_token": known["access_token"], "secret_key": SECRET}
    answer = call(client, method, path, headers, **(GOOD | STOPPED)[method, path](known)).json()
    assert answer.get("error", 0) == (-240 if (method, path) in STOPPED else 0), answer
    assert list(misfits(answer, schema_of(method, path), described.document()["components"]["schemas"])) == []


@pytest.mark.parametrize(("method", "path"), sorted(GOOD | STOPPED))
def test_refusals_fit_what_is_described(client, known, method, path):
    answer = call(client, method, path, {"access_token": "guess"}, **(GOOD | STOPPED)[method, path](known)).json()
    assert answer["error"] < 0
    assert list(misfits(answer, schema_of(method, path), described.document()["components"]["schemas"])) == []


@pytest.mark.parametrize(("method", "path"), sorted(key for key in GOOD if key[0] == "post"))
def test_the_requests_above_fit_what_is_described(known, method, path):
    asked = GOOD[method, path](known)
    [content] = operations()[method, path]["requestBody"]["content"].values()
    body = asked.get("json") or {name: str(value) for name, value in asked["form"].items()}
    assert list(misfits(body, content["schema"], described.document()["components"]["schemas"])) == []


def test_the_check_notices_a_wrong_answer():
    schemas = described.document()["components"]["schemas"]
    wrong = {"error": 0, "message": "Success", "data": {"oaCurrentQuality": "GOOD", "oa7dayQuality": "HIGH"}}
    assert list(misfits(wrong, schema_of("get", "/business/quality"), schemas))
    extra = {"error": 0, "message": "Success", "data": {}, "more": 1}
    assert list(misfits(extra, schema_of("get", "/business/template/sample-data"), schemas))


def test_it_is_served_and_its_references_lead_somewhere(client):
    served = client.get("/sandbox/zalo/openapi.json").json()
    assert served["openapi"] == "3.1.0"
    named = set(json.dumps(served).split('"#/components/schemas/')[1:])
    assert {name.split('"')[0] for name in named} <= set(served["components"]["schemas"])
    assert served == json.loads(json.dumps(described.document()))
