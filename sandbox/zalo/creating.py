"""POST /template/create, /template/edit and /upload/image, and what a reviewer at Zalo then decides (zalo-api §3)."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox import vietnam
from sandbox.models import Account, Template, Upload
from sandbox.zalo import counters, layouts, limits
from sandbox.zalo.answers import failed, succeeded

CALLS_A_DAY, UPLOADS_A_MONTH = 100, 5_000
LARGEST_IMAGE = 500 * 1024
OTP_TIMEOUT_MS, USUAL_TIMEOUT_MS = 15_000, 7_200_000
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


def create(account: Account, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A new template, PENDING_REVIEW until somebody decides on it."""
    if _spent(f"{account.app_id}:create:{vietnam.day_key(now)}", CALLS_A_DAY):
        return failed(-160)
    problem = _problem(account, body, now)
    if problem:
        return problem
    template = Template(template_id=_new_id(), account=account, by_api=True, created_at=now)
    return _put_down(template, body)


def edit(account: Account, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A rejected template of this API written anew, and back under review; -1091 for every other."""
    if _spent(f"{account.app_id}:edit:{vietnam.day_key(now)}", CALLS_A_DAY):
        return failed(-160)
    template = account.templates.filter(template_id=str(body.get("template_id", ""))).first()
    if template is None:
        return failed(-109)
    if not template.by_api or template.status != Template.Status.REJECT:
        return failed(-1091)
    return _problem(account, body, now) or _put_down(template, body)


def _spent(key: str, limit: int) -> bool:
    return counters.take(key, limit) is None


def _problem(account: Account, body: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    problem = layouts.first_problem(body)
    if problem:
        return problem
    tag = layouts.whole_number(body["tag"])
    if tag == limits.PROMOTION and tag not in limits.tags_allowed(
        account.policy, account.daily_quota, account.allowed_tags
    ):
        return failed(-1201)
    used = set(_media(body["layout"]))
    known = set(Upload.objects.filter(account=account, media_id__in=used).values_list("media_id", flat=True))
    return failed(-132) if used - known else None


def _media(part: object) -> list[str]:
    """Every media_id of a layout, however deep."""
    if isinstance(part, Mapping):
        own = [str(part["media_id"])] if "media_id" in part else []
        return own + [each for inner in part.values() for each in _media(inner)]
    return [each for inner in part for each in _media(inner)] if isinstance(part, list) else []


def _new_id() -> str:
    while Template.objects.filter(template_id=(number := str(400_000 + secrets.randbelow(500_000)))).exists():
        continue
    return number


def _put_down(template: Template, body: Mapping[str, Any]) -> dict[str, Any]:
    layout = layouts.read(body["layout"])
    kind = layouts.whole_number(body["template_type"]) or layouts.CUSTOM
    template.name, template.tag, template.kind = body["template_name"], layouts.whole_number(body["tag"]) or 0, kind
    template.title, template.paragraphs = layout.title, layout.texts
    template.button = dict(layout.buttons[0]) if layout.buttons else {}
    template.params, template.layout = layouts.list_params(body), body["layout"]
    template.price_vnd = layouts.PRICES_VND[kind] + (layouts.IMAGE_PRICE_VND if layout.images else 0)
    template.price_uid_vnd = template.price_vnd * 7 // 10
    template.timeout_ms = OTP_TIMEOUT_MS if kind == layouts.AUTHENTICATION else USUAL_TIMEOUT_MS
    template.status, template.reason, template.quality = Template.Status.PENDING_REVIEW, "", "UNDEFINED"
    template.save()
    return succeeded(
        {
            "template_id": template.template_id,
            "template_name": template.name,
            "template_type": str(kind),
            "tag": str(template.tag),
            "status": Template.Status(template.status).name,
            "price_sdt": str(template.price_vnd),
            "price_uid": str(template.price_uid_vnd),
            "preview_url": f"https://account.zalo.cloud/znspreview/{template.template_id}",
        }
    )


def upload(account: Account, content: bytes | None, now: datetime) -> dict[str, Any]:
    """A picture for a layout; None if the form had no `file`. Its measures are not looked at."""
    if not content:
        return failed(-132)
    if len(content) > LARGEST_IMAGE:
        return failed(-158)
    if not content.startswith((_JPEG, _PNG)):
        return failed(-159)
    if _spent(f"{account.app_id}:uploads:{vietnam.month_key(now)}", UPLOADS_A_MONTH):
        return failed(-160)
    stored = Upload.objects.create(account=account, media_id=secrets.token_hex(16), size=len(content), at=now)
    return succeeded({"media_id": stored.media_id})
