"""The clinic that is measured: the reference campaign, running, with as many visits and due messages as are wanted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Workspace
from campaigns import activation, library
from campaigns.models import Campaign, Enrollment, Message
from campaigns.twins import tracking_id
from cdp.bench.target import DAILY_QUOTA
from datahub.models import Customer, Record, Source
from integrations import clock
from integrations.models import MessageTemplate, OfficialAccount

ENTRY = "cham-soc-sau-lieu-trinh"
# 10:00 in Vietnam, when every message may leave: a bench must not depend on the hour it is run at.
MORNING = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PARAMS: list[dict[str, Any]] = [
    {"name": name, "require": True, "type": "STRING", "maxLength": 100, "minLength": 0, "acceptNull": False}
    for name in ("customer_name", "customer_id", "shop_name")
]
# Any word will do: the target asks for none.
TOKEN = {"access_token": "t"}
_numbers = itertools.count(1)


class StillClock:
    """Business time stands still; leases run by the real one."""

    def now(self) -> datetime:
        return MORNING

    def wall(self) -> datetime:
        return clock.wall()


@dataclass(frozen=True)
class Clinic:
    """An active clinic."""

    workspace: Workspace
    account: OfficialAccount
    template: MessageTemplate
    source: Source
    send: Campaign


def make_clinic(*, tag: int = 2) -> Clinic:
    """Thư viện mẫu → Khởi tạo mẫu → choose the template → Kích hoạt. The reference message is tag 2."""
    number = next(_numbers)
    workspace = Workspace.objects.create(name=f"Nha khoa Hoa Sen {number}")
    account = OfficialAccount.objects.create(
        workspace=workspace, oa_id=f"bench-{number}", name="OA", app_id="1", daily_quota=DAILY_QUOTA, **TOKEN
    )
    template = MessageTemplate.objects.create(
        workspace=workspace, account=account, template_id="7001", name="Hỏi thăm", tag=tag, params=PARAMS
    )
    sync, send = _campaigns(workspace, template)
    if sync.source is None:
        raise RuntimeError("the library's sync campaign has no source")
    return Clinic(workspace, account, template, sync.source, send)


def _campaigns(workspace: Workspace, template: MessageTemplate) -> tuple[Campaign, Campaign]:
    entry = library.entry(ENTRY)
    if entry is None:
        raise RuntimeError(f"the library has no {ENTRY}")
    group = library.instantiate(workspace=workspace, entry=entry, actor=None, now=MORNING)
    sync, send = group.campaigns.select_related("version", "source__dataset", "workspace")
    data = send.definition.model_dump()
    for step in data["steps"]:
        if step["kind"] == "send":
            step["template"] = template.pk
    definition = send.definition.model_validate(data)
    activation.publish(campaign=send, definition=definition, actor=None, now=MORNING)
    for campaign in (sync, send):
        if problems := activation.activate(campaign=campaign, actor=None, now=MORNING):
            raise RuntimeError(f"cannot activate: {problems}")
    return sync, send


def make_due(clinic: Clinic, count: int, at: datetime = MORNING) -> None:
    """`count` visits whose message is due `at`: what the tick leaves behind when it has enrolled and advanced them."""
    customer = Customer.objects.create(
        workspace=clinic.workspace, code=f"KH{next(_numbers)}", name="Nguyễn Thị Hoa", phone="84", updated_at=MORNING
    )
    for start in range(0, count, 5_000):
        records = make_records(clinic, customer, min(5_000, count - start))
        Record.objects.bulk_create(records)
        enrollments = Enrollment.objects.bulk_create(_enrollment(clinic, record, at) for record in records)
        Message.objects.bulk_create(_message(clinic, enrollment, at) for enrollment in enrollments)


def make_records(clinic: Clinic, customer: Customer, count: int) -> list[Record]:
    """Visits not yet saved, shaped as ingest shapes them."""
    return [_record(clinic, customer, next(_numbers)) for _ in range(count)]


def _record(clinic: Clinic, customer: Customer, number: int) -> Record:
    phone = f"849{number:08}"
    return Record(
        workspace=clinic.workspace,
        dataset_id=clinic.source.dataset_id,
        source=clinic.source,
        row_id=f"bench-{number}",
        customer=customer,
        values={
            "customer_id": f"KH{number:06}",
            "customer_name": "Nguyễn Thị Hoa",
            "phone": phone,
            "service": "Nhổ răng",
            "visit_date": "2026-11-20",
            "doctor": "Trần Văn Nam",
            "shop_name": "Quận 1",
            "next_visit_date": "2027-05-20",
            "status": "Đã hoàn thành",
        },
        phone=phone,
        status="Đã hoàn thành",
        search=f"kh{number:06} nguyen thi hoa {phone}",
        visit_key=f"{number:064x}",
        completed_at=MORNING - timedelta(hours=20),
        completions=1,
        created_at=MORNING - timedelta(hours=20),
        updated_at=MORNING - timedelta(hours=20),
    )


def _enrollment(clinic: Clinic, record: Record, at: datetime) -> Enrollment:
    return Enrollment(
        workspace=clinic.workspace,
        campaign=clinic.send,
        version=clinic.send.version,
        lineage=clinic.send.lineage,
        record=record,
        state=Enrollment.State.DONE,
        position=2,
        anchor_at=at - timedelta(hours=2),
        due_at=at,
        created_at=at,
    )


def _message(clinic: Clinic, enrollment: Enrollment, at: datetime) -> Message:
    record = enrollment.record
    key = f"{clinic.send.lineage.hex}:send-1:{record.visit_key}:1"
    return Message(
        workspace=clinic.workspace,
        campaign=clinic.send,
        enrollment=enrollment,
        record=record,
        account=clinic.account,
        template=clinic.template,
        step="send-1",
        dedupe_key=key,
        tracking_id=tracking_id(key),
        tag=clinic.template.tag,
        phone=record.phone,
        params={"customer_name": "Nguyễn Thị Hoa", "customer_id": record.values["customer_id"], "shop_name": "Quận 1"},
        due_at=at,
        expires_at=at + timedelta(days=1),
        created_at=at,
    )
