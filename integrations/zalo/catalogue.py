"""PURE. Zalo's JSON of a template to the columns we keep. Numbers come as text or as numbers, by source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.base import Tag
from integrations.zalo.tags import tag_of
from integrations.zalo.values import json_object, moment, number

_TIMEOUT_MS = 7_200_000


def template_columns(detail: Mapping[str, Any], listed: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of MessageTemplate, from `/template/info/v2` and the template's line of `/template/all`.

    An unknown tag is taken for the strictest.

    Raises KeyError, TypeError, ValueError or AttributeError for an answer that is not of Zalo's shape.
    """
    limited = _yes(detail.get("applyTemplateQuota"))
    return {
        "name": str(detail["templateName"])[:120],
        "tag": int(tag_of(detail.get("templateTag")) or Tag.PROMOTION),
        "status": str(detail["status"])[:20],
        "reason": str(detail.get("reason") or "")[:400],
        "quality": str(detail.get("templateQuality") or "UNDEFINED")[:12],
        "params": [_param(param) for param in detail.get("listParams") or []],
        "buttons": [_button(button) for button in detail.get("listButtons") or []],
        "price_vnd": _price(detail.get("price_sdt") or detail.get("price")),
        "price_uid_vnd": _price(detail.get("price_uid")),
        "preview_url": _address(detail.get("previewUrl")),
        "timeout_ms": number(detail.get("timeout")) or _TIMEOUT_MS,
        "daily_quota": number(detail.get("templateDailyQuota")) if limited else None,
        "remaining_quota": number(detail.get("templateRemainingQuota")) if limited else None,
        "registered_at": moment(listed.get("createdTime")),
    }


def sample_values(data: object, params: list[dict[str, Any]]) -> dict[str, str]:
    """Parameter → sample value, of `/template/sample-data`, for the parameters that the template has."""
    found = json_object(data)
    return {param["name"]: str(found[param["name"]]) for param in params if found.get(param["name"]) is not None}


def _param(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": str(given["name"]),
        "require": _yes(given.get("require", True)),
        "type": str(given.get("type") or "STRING"),
        "maxLength": number(given.get("maxLength")) or 0,
        "minLength": number(given.get("minLength")) or 0,
        "acceptNull": _yes(given.get("acceptNull")),
    }


def _button(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"title": str(given.get("title") or ""), "content": str(given.get("content") or "")}
    return {"type": number(given.get("type")) or 0, **kept}


def _yes(value: object) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("true", "1")


def _price(value: object) -> int:
    """Whole đồng; older answers show them as 200.0."""
    return number(str(value).partition(".")[0]) or 0


def _address(value: object) -> str:
    """A link that a page may show: of the web, and whole."""
    text = str(value or "")
    return text if text.startswith("https://") and len(text) <= 500 else ""
