"""What eSMS does with a customer-care SMS: developers.esms.vn, "Send OTP/Customer care message" and its table of codes.

Unlike Zalo it refuses a request id that it has seen: a second try of the same message is no second SMS.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from sandbox.models import Fault, Sms, SmsBrand
from sandbox.zalo import faults, phones
from sandbox.zalo.replies import Reply

# Where faults for it are scripted: `{"kind": "lost_answer", "path": PATH}`.
PATH = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
CARE = "2"
PRICE_VND = 850  # the price on eSMS's own sample of a sent message

_REFUSALS = {
    "101": "Authorize Failed",
    "103": "Not enough balance to send message",
    "104": "Brand name code is not exist",
    "108": "Phone number is not in correct format",
    "118": "Unsupported message type",
    "146": "Sai template Brandname CSKH",
}


@dataclass(frozen=True)
class _Asked:
    brand: SmsBrand
    phone: str
    text: str
    request_id: str


def connect_brand(*, api_key: str, secret_key: str, brandname: str, balance_vnd: int | None = None) -> None:
    """Make a customer of eSMS with one brand name, or bring it up to date. No balance means that it never runs out."""
    told = {"secret_key": secret_key, "brandname": brandname, "balance_vnd": balance_vnd}
    SmsBrand.objects.update_or_create(api_key=api_key, defaults=told)


def send(body: dict[str, Any], now: datetime) -> Reply:
    """The answer to one send, and the misfortune that spoils it on its way."""
    phone = phones.canonical(body.get("Phone", ""))
    fault = _fault(phone or "")
    if fault and fault.kind in faults.REFUSING:
        return Reply(refused(str(-fault.code)) if fault.kind == "error" else {}, fault)
    asked = _asked(body, phone)
    return Reply(refused(asked) if isinstance(asked, str) else _accept(asked, now), fault)


def refused(code: str) -> dict[str, Any]:
    """eSMS's JSON for a refusal."""
    return {"CodeResult": code, "CountRegenerate": 0, "ErrorMessage": _REFUSALS.get(code, "Error")}


def listed(phone: str) -> list[dict[str, Any]]:
    """Every SMS that came to a phone, in any of its spellings, oldest first; without one, all there are."""
    found = Sms.objects.select_related("brand").order_by("id")
    if phone:
        found = found.filter(phone=phones.canonical(phone) or "")
    return [
        {
            "sms_id": sms.sms_id,
            "request_id": sms.request_id,
            "brandname": sms.brand.brandname,
            "phone": sms.phone,
            "text": sms.text,
            "sent_at": sms.sent_at.isoformat(),
        }
        for sms in found
    ]


def _fault(phone: str) -> Fault | None:
    found = Fault.objects.filter(remaining__gt=0, path=PATH, phone__in=("", phone)).order_by("id").first()
    return found if found and faults.consume(found) else None


def _asked(body: dict[str, Any], phone: str | None) -> _Asked | str:
    """What is asked for, once it is in order; else the code of the refusal."""
    brand = SmsBrand.objects.filter(api_key=str(body.get("ApiKey", ""))).first()
    if brand is None or not secrets.compare_digest(brand.secret_key.encode(), str(body.get("SecretKey", "")).encode()):
        return "101"
    if str(body.get("SmsType", "")) != CARE:
        return "118"
    if body.get("Brandname") != brand.brandname:
        return "104"
    if phone is None:
        return "108"
    text = str(body.get("Content", ""))
    return _Asked(brand, phone, text, str(body.get("RequestId") or "")) if text.strip() else "146"


def _accept(asked: _Asked, now: datetime) -> dict[str, Any]:
    """Take the money and keep the SMS, both or neither."""
    sms_id = secrets.token_hex(15)
    try:
        with transaction.atomic(using="sandbox"):
            Sms.objects.create(
                brand=asked.brand,
                sms_id=sms_id,
                request_id=asked.request_id,
                phone=asked.phone,
                text=asked.text,
                sent_at=now,
            )
            if not _paid(asked.brand):
                transaction.set_rollback(True, using="sandbox")
                return refused("103")
    except IntegrityError:
        # The status of the first request: it was sent.
        return {"CodeResult": "124", "CountRegenerate": 0, "ErrorMessage": "Request exist 1", "SendStatus": "5"}
    return {"CodeResult": "100", "CountRegenerate": 0, "SMSID": sms_id}


def _paid(brand: SmsBrand) -> bool:
    if brand.balance_vnd is None:
        return True
    rich_enough = SmsBrand.objects.filter(id=brand.id, balance_vnd__gte=PRICE_VND)
    return rich_enough.update(balance_vnd=F("balance_vnd") - PRICE_VND) == 1
