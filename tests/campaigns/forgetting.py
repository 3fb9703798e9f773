"""Somebody who left a trace in every table there is, and a search through all of them."""

from __future__ import annotations

import json
import re
import unicodedata

from django.db import connection

from campaigns.models import Message, Reaction, Suppression
from datahub.models import (
    Checkup,
    Customer,
    OutcomeCell,
    ScriptPulse,
)
from datahub.statuses import mark_status
from integrations.models import InboundEvent, ZaloUser
from tests import factories
from tests.accounts.browser import as_
from tests.campaigns.story import PHONE, vn

NAME = "Nguyễn Thị Hoa"
OLD_NAME = "Nguyễn Thị Hoà"
AFTERNOON = vn(21, 14)


def dump():
    """Every row of every table, as the database holds it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                yield table, " ".join(each.decode() if isinstance(each, bytes) else str(each) for each in row)


def found(*texts):
    """Where in the database any of the texts stands, in whatever Unicode form, spacing or escape."""
    forms = {unicodedata.normalize(form, each).casefold() for each in texts for form in ("NFC", "NFD")}
    forms |= {json.dumps(each).strip('"').casefold() for each in forms}
    where = []
    for table, line in dump():
        bare = re.sub(r"[\s.\-]", "", line.casefold())
        if any(each in line.casefold() or re.sub(r"[\s.\-]", "", each) in bare for each in forms):
            where.append((table, line[:300]))
    return where


def anywhere():
    return found("912345678", "0987 111 222", NAME, OLD_NAME, "KH001")


def send_batch(source, *rows, batch_id="", now=AFTERNOON):
    body = factories.as_bytes(factories.sheet_batch(*rows, batch_id=batch_id))
    return factories.take_in(source, body, now=now)


def make_patient(clinic, owner):
    """Somebody who left a trace in every table there is."""
    source, account = clinic.source, clinic.account
    factories.make_record(source, now=vn(20, 15), row_id="r1", Họ_và_tên=OLD_NAME, Số_điện_thoại="0987111222")
    record = factories.make_record(source, now=vn(20, 16), row_id="r1")
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    message = clinic.message()
    factories.make_record(source, now=vn(21, 12), row_id="r2", Dịch_vụ="Lấy cao răng")
    wrong = factories.visit(Ngày_khám="hôm qua", Họ_và_tên=unicodedata.normalize("NFD", NAME))
    send_batch(source, factories.sheet_row(wrong, row_id="w1", number=9))
    Reaction.objects.create(account=account, message=message, kind="rated", rate=5, note=f"Em {NAME}", at=vn(21, 12))
    Message.objects.update(user_id="zu-7", text=f"Chào {NAME}")
    message.events.update(facts={"zalo": "0912345678 is blocked"})
    ZaloUser.objects.create(account=account, user_id="zu-7", phone=PHONE, told_at=vn(21))
    for number, body in enumerate(
        [
            {"sender": {"id": "zu-7"}, "message": {"text": f"tôi là {NAME}"}},
            {"info": {"phone": "0912345678"}},
            {"message": {"tracking_id": message.tracking_id, "note": NAME}},
        ]
    ):
        InboundEvent.objects.create(
            account=account, key=f"k{number}", name="user_send_text", body=body, received_at=vn(21), applied_at=vn(21)
        )
    common = {"workspace": clinic.workspace, "source": source}
    OutcomeCell.objects.create(**common, row_id="r1", text="Đã gửi 11:00", changed_at=vn(21))
    Checkup.objects.create(source=source, at=vn(21), rows=2, findings=[{"sentence": f"Dòng 9 {NAME}: 0912.345.678"}])
    ScriptPulse.objects.create(source=source, at=vn(21), facts={"problems": [f"dòng của {NAME}"]})
    Suppression.objects.create(
        workspace=clinic.workspace, phone=PHONE, reason_code="asked", note=NAME, created_at=vn(21)
    )
    customer = Customer.objects.get(code="KH001")
    as_(owner).post(f"/hub/customers/{customer.pk}/labels/", {"name": "VIP"})
    as_(owner).post(
        f"/hub/customers/{customer.pk}/consent/",
        {"purpose": "promotion", "granted": "yes", "proof": f"Giấy của {NAME}"},
    )
    as_(owner).post(f"/hub/customers/{customer.pk}/reveal/")
    mark_status(record=record, status="Hủy", actor="chu", now=vn(21, 13))
    return customer
