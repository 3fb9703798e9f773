"""What Zalo tells about templates and messages, in its own JSON (zalo-api §3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.models import Account, Message, Template
from sandbox.zalo import counters, params, quota
from sandbox.zalo.answers import epoch_ms, failed, succeeded
from sandbox.zalo.limits import TAG_NAMES

MOST_AT_ONCE = 100


def page_of_templates(account: Account, asked: Mapping[str, str]) -> dict[str, Any]:
    """GET /template/all. `status` is a number as text, missing for all; a word is -132, as integrators saw.

    `filterPreset` 1 gives only what this account's app created, and that is all there is here.
    """
    status, offset, limit = asked.get("status", ""), asked.get("offset", "0"), asked.get("limit", str(MOST_AT_ONCE))
    if status and (not status.isdecimal() or int(status) not in Template.Status.values):
        return failed(-132, "Invalid status")
    if asked.get("filterPreset", "0") not in ("0", "1"):
        return failed(-132)
    if not offset.isdecimal() or not limit.isdecimal() or not 1 <= int(limit) <= MOST_AT_ONCE:
        return failed(-132)
    found = account.templates.order_by("id")
    if status:
        found = found.filter(status=int(status))
    rows = [
        _line(template, template.created_at or account.created_at)
        for template in found[int(offset) : int(offset) + int(limit)]
    ]
    return succeeded(rows, metadata={"total": found.count()})


def _line(template: Template, created_at: datetime) -> dict[str, Any]:
    return {
        "templateId": _number(template.template_id),
        "templateName": template.name,
        "createdTime": int(epoch_ms(created_at)),
        "status": Template.Status(template.status).name,
        "templateQuality": template.quality,
    }


def detail(account: Account, template_id: str, now: datetime) -> dict[str, Any]:
    """GET /template/info/v2."""
    template = account.templates.filter(template_id=template_id).first()
    return succeeded(_detail(template, now)) if template else failed(-109)


def older_detail(account: Account, template_id: str, now: datetime) -> dict[str, Any]:
    """GET /template/info, whose id is a string and whose one price a number."""
    template = account.templates.filter(template_id=template_id).first()
    if template is None:
        return failed(-109)
    told = _detail(template, now) | {"templateId": template.template_id, "price": float(template.price_vnd)}
    return succeeded({name: value for name, value in told.items() if name not in ("price_sdt", "price_uid")})


def _detail(template: Template, now: datetime) -> dict[str, Any]:
    limited = template.daily_quota is not None
    # A template under review shows no parameters yet, as one integrator saw.
    listed = [] if template.status == Template.Status.PENDING_REVIEW else template.params
    return {
        "templateId": _number(template.template_id),
        "templateName": template.name,
        "status": Template.Status(template.status).name,
        "reason": template.reason,
        "listParams": listed,
        "listButtons": [template.button] if template.button else [],
        "timeout": template.timeout_ms,
        "previewUrl": f"https://account.zalo.cloud/znspreview/{template.template_id}",
        "templateQuality": template.quality,
        "templateTag": TAG_NAMES[template.tag],
        "price": str(template.price_vnd),
        "price_sdt": str(template.price_vnd),
        "price_uid": str(template.price_uid_vnd),
        "applyTemplateQuota": limited,
        "templateDailyQuota": str(template.daily_quota) if limited else None,
        "templateRemainingQuota": _left_today(template, now) if limited else None,
    }


def _left_today(template: Template, now: datetime) -> str:
    key = quota.template_counter(template.template_id, now)
    return str(quota.remaining(template.daily_quota, counters.used([key])[key]))


def sample_data(account: Account, template_id: str) -> dict[str, Any]:
    """GET /template/sample-data."""
    template = account.templates.filter(template_id=template_id).first()
    return succeeded(params.sample(template.params)) if template else failed(-109)


def status_of(account: Account, msg_id: str, now: datetime) -> dict[str, Any]:
    """GET /message/status: -1 unknown, 0 on its way, 1 on the phone. By Zalo's id only: not by tracking_id."""
    message = Message.objects.filter(account=account, msg_id=msg_id).first()
    if message is None:
        return succeeded({"delivery_time": "", "message": "The message is not exist", "status": -1})
    if message.arrives_at is None or message.arrives_at > now:
        return succeeded({"delivery_time": "", "message": "The message was pushed but not delivered", "status": 0})
    told = "The message was delivered to the user's phone"
    return succeeded({"delivery_time": epoch_ms(message.arrives_at), "message": told, "status": 1})


def _number(template_id: str) -> int | str:
    return int(template_id) if template_id.isdecimal() else template_id
