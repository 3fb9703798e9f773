"""One default story for the tests of the sandbox's Zalo: an account, its templates, and a client that knows the token."""

import json
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from sandbox import clock
from sandbox.models import Account
from sandbox.zalo import services

NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)  # 12:00 in Vietnam
OA, APP, SECRET, OA_KEY = "4318657068771012646", "3900000000000000001", "app-secret", "oa-key"
HOOK = "http://hooks.test/zalo"
HOA, LAN = "84912345678", "84987654321"
CARE, PROMO, BILL = "351001", "351002", "351003"


def set_clock(monkeypatch: Any, moment: datetime) -> None:
    """Let the sandbox believe it is `moment`."""
    monkeypatch.setattr(clock, "now", lambda: moment)


def make_account(*, now: datetime = NOON, **columns: Any) -> dict[str, str]:
    """The account with its three templates; `columns` are set on it afterwards. Returns its token pair."""
    pair = services.create_account(
        oa_id=OA,
        name="Nha khoa Hoa Sen",
        app_id=APP,
        app_secret=SECRET,
        oa_secret_key=OA_KEY,
        webhook_url=HOOK,
        now=now,
    )
    for template_id, tag in ((CARE, 2), (PROMO, 3), (BILL, 1)):
        services.create_template(
            oa_id=OA,
            template_id=template_id,
            name=f"Mẫu {template_id}",
            tag=tag,
            title="💙 Hôm nay bạn cảm thấy thế nào rồi?",
            paragraphs=["Chào <customer_name>, mã <customer_id>."],
            button={"type": 2, "title": "LIÊN HỆ NGAY", "content": "02873000000"},
            params=[{"name": "customer_name", "maxLength": 30}, {"name": "customer_id", "maxLength": 30}],
        )
    Account.objects.filter(oa_id=OA).update(**columns)
    assert pair is not None
    return pair


def post_json(client: Client, path: str, body: Any, **headers: str) -> Any:
    """The parsed answer of /sandbox/<path>."""
    raw = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/sandbox/{path}", raw, content_type="application/json", headers=headers)


def send(client: Client, token: str, template_id: str = CARE, phone: str = HOA, **fields: Any) -> Any:
    """Zalo's JSON answer to one send; `fields` replace or add to the body."""
    body = {
        "phone": phone,
        "template_id": template_id,
        "template_data": {"customer_name": "Hoa", "customer_id": "KH001"},
        "tracking_id": "t1",
    } | fields
    return post_json(client, "zalo/business/message/template", body, access_token=token).json()


def ask(client: Client, token: str, path: str, **query: str) -> Any:
    """Zalo's JSON answer to a GET on the business host."""
    return client.get(f"/sandbox/zalo/business/{path}", query, headers={"access_token": token}).json()
