"""eSMS's wire: https://developers.esms.vn. Nothing here decides anything."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from integrations.http import Outcome, call

# Customer care (chăm sóc khách hàng) under a registered brand name, as against advertising.
_CARE = "2"


@dataclass(frozen=True)
class Keys:
    """What a call shows, and the name the patient sees as the sender."""

    api_key: str
    secret_key: str
    brandname: str


def send(keys: Keys, *, phone: str, text: str, request_id: str) -> Outcome:
    """`SendMultipleMessage_V4_post_json`: one SMS without diacritics. `phone` is 84 and nine digits.

    eSMS takes a `request_id` once, and answers 124 to the next.
    """
    body = {
        "ApiKey": keys.api_key,
        "SecretKey": keys.secret_key,
        "Brandname": keys.brandname,
        "SmsType": _CARE,
        "IsUnicode": "0",
        "Phone": f"0{phone.removeprefix('84')}",
        "Content": text,
        "RequestId": request_id,
    }
    url = f"{settings.ESMS_BASE}/MainService.svc/json/SendMultipleMessage_V4_post_json/"
    return call("POST", url, headers={}, json=body)
