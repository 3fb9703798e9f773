"""Keeping the templates we know in step with Zalo's."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from integrations.base import Clock
from integrations.http import Outcome, body_of, fan_out
from integrations.models import DELETED, ENABLED, MessageTemplate, OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.api import Credentials, ZaloDidNotAnswer
from integrations.zalo.catalogue import sample_values, template_columns
from integrations.zalo.values import json_object, number

logger = logging.getLogger(__name__)

# The most that Zalo lists at once.
_PAGE = 100
_UNKNOWN_TEMPLATE = -109
_SYNCED = ["synced_at", "sample", *template_columns({"templateName": "", "status": ""}, {})]


@dataclass(frozen=True)
class Synced:
    """What one round did: templates brought up to date, newly found to be deleted, and not read this time."""

    read: int = 0
    deleted: int = 0
    failed: int = 0


@dataclass(frozen=True)
class _Reading:
    """What Zalo told of one template: its columns, or that it is gone, or (neither) nothing to go by."""

    template_id: str
    columns: dict[str, Any] | None = None
    gone: bool = False


def sync_templates(*, account: OfficialAccount, clock: Clock) -> Synced:
    """Bring the account's templates in step with Zalo's. One that cannot be read stays as it was.

    A template that Zalo no longer lists is asked for by name, since the list may move while it is read, and marked
    as deleted when Zalo does not know it. The wording that a person typed is kept. Raises ZaloDidNotAnswer.
    """
    read_at = clock.now()
    key, listed = _list(account, clock)
    known = {template.template_id: template for template in account.templates.all()}
    lost = [each for each, template in known.items() if each not in listed and template.status != DELETED]
    readings = fan_out(lambda each: _read(key, each, listed.get(each, {}), known.get(each)), [*listed, *lost])
    failed = sum(not reading.gone and reading.columns is None for reading in readings)
    if failed and failed == len(readings):
        raise ZaloDidNotAnswer
    _store(account, readings, read_at)
    gone = sum(reading.gone for reading in readings)
    return Synced(len(readings) - failed - gone, gone, failed)


def _list(account: OfficialAccount, clock: Clock) -> tuple[Credentials, dict[str, dict[str, Any]]]:
    """What Zalo can be asked with, and every line of its list by template id. Raises ZaloDidNotAnswer."""
    outcome = tokens.ask(account, clock, lambda held: _page(held, 0))
    key = tokens.current(account, clock)
    found: dict[str, dict[str, Any]] = {}
    offset = 0
    while True:
        body = api.answered(outcome)
        rows = body.get("data") or []
        found |= {str(row["templateId"]): row for row in map(json_object, rows) if "templateId" in row}
        offset += len(rows)
        total = number(json_object(body.get("metadata")).get("total"))
        # A page with nothing on it ends a list that is shorter than Zalo's total.
        if not rows or (len(rows) < _PAGE if total is None else offset >= total):
            return key, found
        outcome = _page(key, offset)


def _page(key: Credentials, offset: int) -> Outcome:
    return api.read(key, "/template/all", offset=offset, limit=_PAGE)


def _read(key: Credentials, template_id: str, listed: Mapping[str, Any], known: MessageTemplate | None) -> _Reading:
    body = body_of(api.read(key, "/template/info/v2", template_id=template_id))
    if body.get("error") == _UNKNOWN_TEMPLATE:
        # Listed a moment ago and unknown now is Zalo's muddle, not a deletion: the next round will see.
        return _Reading(template_id, gone=not listed)
    if body.get("error") != 0:
        return _Reading(template_id)
    try:
        columns = template_columns(body["data"], listed)
    except (KeyError, TypeError, ValueError, AttributeError):
        logger.exception("zalo: template %s cannot be read", template_id)
        return _Reading(template_id)
    return _Reading(template_id, _with_what_is_kept(key, template_id, columns, known))


def _with_what_is_kept(
    key: Credentials, template_id: str, columns: dict[str, Any], known: MessageTemplate | None
) -> dict[str, Any]:
    """An unapproved template may show no parameters, and one that is not listed no birthday: what we knew stays.

    The sample is asked for when it does not speak of these parameters yet.
    """
    sample: dict[str, str] = {}
    if known is not None:
        if not columns["params"] and columns["status"] != ENABLED:
            columns["params"] = known.params
        columns["registered_at"] = columns["registered_at"] or known.registered_at
        sample = known.sample
    names = {param["name"] for param in columns["params"]}
    if names and set(sample) != names:
        body = body_of(api.read(key, "/template/sample-data", template_id=template_id))
        sample = sample_values(body["data"], columns["params"]) if body.get("data") else sample
    return columns | {"sample": sample}


@transaction.atomic
def _store(account: OfficialAccount, readings: list[_Reading], read_at: datetime) -> None:
    """Keep what was read at `read_at`, before Zalo was asked, except where an event told something newer meanwhile.

    The account is locked before its templates, as where a brake is set: so the two do not wait for each other.
    """
    OfficialAccount.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
    held = account.templates.order_by("pk").select_for_update(no_key=True)
    newer = {template.template_id: _told_since(template, read_at) for template in held}
    rows = [
        MessageTemplate(
            workspace_id=account.workspace_id,
            account=account,
            template_id=reading.template_id,
            synced_at=read_at,
            **reading.columns | newer.get(reading.template_id, {}),
        )
        for reading in readings
        if reading.columns is not None
    ]
    MessageTemplate.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["account", "template_id"], update_fields=_SYNCED
    )
    gone = [each.template_id for each in readings if each.gone and "status" not in newer.get(each.template_id, {})]
    account.templates.filter(template_id__in=gone).update(status=DELETED, synced_at=read_at)


def _told_since(template: MessageTemplate, read_at: datetime) -> dict[str, Any]:
    """The columns of which an event has told after `read_at`, as they stand; a status comes with its reason."""
    told = {name for name, at in template.heard.items() if datetime.fromisoformat(at) > read_at}
    return {name: getattr(template, name) for name in (told | {"reason"} if "status" in told else told)}
