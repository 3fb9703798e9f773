"""Calling the API as a clinic's own software does."""

from __future__ import annotations

import itertools
import json
from typing import Any

from django.test import Client

from accounts import tokens
from accounts.models import ApiToken, User, Workspace
from datahub.models import Dataset, Source
from datahub.programs import open_api
from tests.factories import NOW

_numbers = itertools.count(1)
ROW = {
    "customer_id": "KH001",
    "customer_name": "Nguyễn Thị Hoa",
    "phone": "0912345678",
    "service": "Nhổ răng",
    "visit_date": "21/11/2026",
    "status": "Đã hoàn thành",
}


class Caller:
    """Holds a token; each call is a fresh request with CSRF checks on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._client = Client(enforce_csrf_checks=True)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        sent = {"Authorization": f"Bearer {self.text}"} | {
            name.replace("_", "-"): each for name, each in headers.items()
        }
        return self._client.generic(method, f"/api/v1{path}", raw, content_type="application/json", headers=sent)

    def send(self, dataset: Dataset, *rows: Any, key: str = "") -> Any:
        """Rows, under a key of their own unless told otherwise."""
        path = f"/datasets/{dataset.pk}/records"
        return self("POST", path, {"rows": list(rows)}, Idempotency_Key=key or f"k{next(_numbers)}")


def make_token(workspace: Workspace, actor: User) -> tuple[ApiToken, str]:
    """A token and its text."""
    made = tokens.issue(workspace=workspace, name=f"Phần mềm {next(_numbers)}", actor=actor, now=NOW)
    assert made is not None
    return made


def make_api_source(dataset: Dataset, actor: User) -> Source:
    """The table, open to tokens."""
    return open_api(dataset=dataset, actor=actor, now=NOW)


def api_row(row_id: str = "HD1", **changes: Any) -> dict[str, Any]:
    """One row as a program sends it, by field keys."""
    return {"id": row_id, "values": ROW | changes}
