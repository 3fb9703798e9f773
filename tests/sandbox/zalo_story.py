"""One default story for the tests of the sandbox's Zalo: an account, its templates, and a client that knows the token."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.test import Client

from sandbox import clock, vietnam
from sandbox.models import Account, Message, Template
from sandbox.zalo import behaviour, counters, limits, phones, quota, services

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


def make_user(
    *, oa_id: str, phone: str, name: str = "", follows: bool = False, last_interaction_at: datetime | None = None
) -> str:
    """Let the account know the person with this phone; returns their user id, the same each time. Posts no event."""
    user = behaviour.user_of(Account.objects.get(oa_id=oa_id), phones.mobile(phone))
    user.name, user.is_follower, user.last_interaction_at = name, follows, last_interaction_at
    user.save(update_fields=["name", "is_follower", "last_interaction_at"])
    return user.user_id


def seed_delivered(*, oa_id: str, template_id: str, phones_at: Iterable[tuple[str, datetime]]) -> int:
    """Write past messages of (phone, sent at) as sent, arrived a second later and receipted; returns how many are new.

    They count in the quotas of their own days and months.
    """
    template = Template.objects.select_related("account").get(template_id=template_id, account__oa_id=oa_id)
    wanted = [_past(template, phones.canonical(phone) or phone, sent_at) for phone, sent_at in phones_at]
    with transaction.atomic(using="sandbox"):
        ids = {message.msg_id for message in wanted}
        known = set(Message.objects.filter(msg_id__in=ids).values_list("msg_id", flat=True))
        new = [message for message in wanted if message.msg_id not in known]
        Message.objects.bulk_create(new, batch_size=500)
        keys = Counter(key for message in new for key in _counted_in(oa_id, message))
        for key, count in sorted(keys.items()):
            counters.add(key, count)
    return len(new)


def set_delivered(*, oa_id: str, month: str, count: int) -> None:
    """Let `count` tag 1 and 2 messages have arrived in a past month ("2026-10"), without writing them one by one."""
    counters.put(f"{oa_id}:day:{month}-01", count)


def _past(template: Template, phone: str, sent_at: datetime) -> Message:
    arrived_at = sent_at + timedelta(seconds=1)
    identity = f"{template.template_id}:{phone}:{sent_at.timestamp()}"
    return Message(
        # The same past gets the same id, so that seeding twice finds it.
        msg_id=hashlib.sha256(identity.encode()).hexdigest()[:20],
        account=template.account,
        template=template,
        template_data={param["name"]: param["name"] for param in template.params},
        phone=phone,
        tag=template.tag,
        sent_at=sent_at,
        arrives_at=arrived_at,
        receipt_posted_at=arrived_at,
    )


def _counted_in(oa_id: str, message: Message) -> list[str]:
    keys = [quota.day_counter(oa_id, message.sent_at)]
    if message.tag == limits.PROMOTION:
        month = vietnam.month_key(message.sent_at)
        keys += [quota.promotion_counter(oa_id, month), quota.user_counter(oa_id, message.phone, month)]
    return keys
