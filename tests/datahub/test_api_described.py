"""Every answer of the API is one that its OpenAPI document describes, whatever is asked."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import tokens
from cdp.api import api
from datahub.models import Record
from tests.datahub.calling import api_row
from tests.datahub.schema_of_api import problems, values

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.datahub.api_urls")]

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
OPERATIONS = [
    (method, path, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


def test_the_document_is_served_to_anybody_and_names_every_operation():
    served = Client().get("/api/v1/openapi.json").json()
    assert served["paths"].keys() == DOCUMENT["paths"].keys()
    assert len(OPERATIONS) == 9
    assert served["components"]["securitySchemes"]["TokenAuth"] == {"type": "http", "scheme": "bearer"}


def described(response: Any, operation: dict[str, Any]) -> None:
    """The status is one of the operation's, and the body is of its shape."""
    assert str(response.status_code) in operation["responses"], response.content
    told = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
    assert problems(json.loads(response.content.decode()), told, DOCUMENT) == []


def asked(operation: dict[str, Any], where: str) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the operation's parameters of that place."""
    found = [each for each in operation.get("parameters", ()) if each["in"] == where]
    return st.fixed_dictionaries({}, optional={each["name"]: values(each["schema"], DOCUMENT) for each in found})


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_asked_is_answered_as_described(caller, open_table, monkeypatch, method, path, operation, data):
    monkeypatch.setattr(tokens, "take_turn", lambda **_: 0)
    caller.send(open_table, api_row(), key="first")
    known = {"dataset_id": open_table.pk, "record_id": Record.objects.get().pk}
    place = path.removeprefix("/api/v1")
    for name, pk in known.items():
        place = place.replace(f"{{{name}}}", str(data.draw(st.sampled_from([pk, pk, pk, 0, 2**70]))))
    query = {name: value for name, value in data.draw(asked(operation, "query")).items() if value is not None}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    said = data.draw(values(body, DOCUMENT)) if body else None
    raw = json.dumps(said).encode() if body else None
    key = data.draw(st.sampled_from(["first", "k1", "k2", "bad key"]))
    address = f"{place}?{urlencode(query, errors='replace')}" if query else place
    described(caller(method.upper(), address, raw, Idempotency_Key=key), operation)


def test_every_refusal_of_the_door_is_described(caller):
    operation = DOCUMENT["paths"]["/api/v1/datasets"]["get"]
    for _ in range(61):
        response = caller("GET", "/datasets")
    described(response, operation)
    caller.text = ""
    described(caller("GET", "/datasets"), operation)


def test_what_is_not_described_would_be_noticed():
    told = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a", "b"]}
    assert problems({"a": "1", "c": 2}, told, {}) == [".b: missing", ".a: '1' is no integer", ".c: not described"]
    assert problems([1, True], {"type": "array", "items": {"type": "integer"}}, {}) == ["[1]: True is no integer"]
    assert problems("2026-11-21T00:00:00", {"type": "string", "format": "date-time"}, {})
