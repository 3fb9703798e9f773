"""The sample clinic of `make demo`: made once, kept on every later run."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from accounts.models import Membership, User, Workspace
from campaigns import activation, library
from campaigns.definition import SendStep
from campaigns.explain import planned_notes
from campaigns.models import CampaignGroup
from cdp.demo_link import link_shared_sheet
from datahub.ingest import ingest
from datahub.models import Source
from datahub.sources import close_source, create_source, open_source
from datahub.tables import create_dataset
from integrations.google_sheets import protocol
from integrations.models import MessageTemplate, OfficialAccount, SmsAccount
from integrations.vietnam import at, local
from integrations.zalo.connect import register_account
from sandbox.esms import services as esms
from sandbox.sheet.sample_rows import COLUMNS, sample_rows
from sandbox.sheet.services import create_sheet
from sandbox.zalo import services as zalo

ENTRY = "cham-soc-sau-lieu-trinh"
SHEET = "khach-kham"
_REQUEST, _STATUS, _ID = (COLUMNS.index(name) for name in ("Gửi webhook", "Trạng thái gửi Webhook", "_cdp_id"))
# The sample visits were typed before the newcomer came: they are history, so the first message sent is the newcomer's.
TYPED_BEFORE = timedelta(days=2)


@cache
def sample() -> dict[str, Any]:
    """The clinic's data file."""
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "demo.yaml").read_text())
    return data


def seed(*, public_url: str, ready: bool, now: datetime) -> None:
    """Make the clinic, its people, its Zalo and SMS accounts and its sheet; `ready` also starts the reference campaigns.

    A clinic that exists keeps everything; only addresses follow `public_url`, since a later run may use another port.
    """
    workspace = Workspace.objects.filter(name=sample()["workspace"]).first() or _make_workspace()
    _connect_zalo(workspace, public_url, now)
    _connect_sms(workspace)
    source = Source.objects.filter(workspace=workspace).order_by("id").first() or _make_source(workspace)
    rows = [] if source.batches.exists() else _typed_rows(source, now)
    create_sheet(
        slug=SHEET,
        name="Khách khám – Nha khoa Sao Mai",
        webhook_url=_hook(public_url, source),
        secret=source.secret,
        columns=COLUMNS,
        rows=rows,
    )
    link_shared_sheet(workspace, sample()["shared_sheet"], now)
    if ready and not CampaignGroup.objects.filter(workspace=workspace).exists():
        _start_campaigns(workspace, now)


def exists() -> bool:
    """Whether an earlier run made the clinic."""
    return Workspace.objects.filter(name=sample()["workspace"]).exists()


def info() -> dict[str, Any]:
    """What a script needs to drive the demo. Raises LookupError before the first seed."""
    workspace = Workspace.objects.filter(name=sample()["workspace"]).first()
    source = Source.objects.filter(workspace=workspace).order_by("id").first() if workspace else None
    if source is None:
        raise LookupError("no sample clinic")
    return {
        "url": settings.PUBLIC_URL,
        "logins": [{key: person[key] for key in ("email", "password", "role")} for person in sample()["people"]],
        "source": {"url": _hook(settings.PUBLIC_URL, source), "key": source.key, "secret": source.secret},
        "oa_id": sample()["account"]["oa_id"],
        "templates": [
            {key: template[key] for key in ("template_id", "name", "tag")} for template in sample()["templates"]
        ],
    }


def _hook(public_url: str, source: Source) -> str:
    return f"{public_url}/hooks/sheets/{source.key}"


@transaction.atomic
def _make_workspace() -> Workspace:
    workspace = Workspace.objects.create(name=sample()["workspace"])
    for person in sample()["people"]:
        user = User.objects.create_user(person["email"], person["password"], full_name=person["full_name"])
        Membership.objects.create(user=user, workspace=workspace, role=person["role"])
    return workspace


def _connect_zalo(workspace: Workspace, public_url: str, now: datetime) -> None:
    """The same account on both sides: ours, and the one that the sandbox plays."""
    details = dict(sample()["account"])
    hook = f"{public_url}/hooks/zalo/{details['app_id']}"
    tokens = zalo.create_account(**details, webhook_url=hook, admin_phones=sample()["admins"], now=now)
    zalo.make_live(oa_id=details["oa_id"], now=now)
    for template in sample()["templates"]:
        zalo.create_template(**_zalos_template(details["oa_id"], template))
    for recipient in sample()["recipients"]:
        zalo.set_recipient(**recipient)
    if tokens is None and OfficialAccount.objects.filter(oa_id=details["oa_id"]).exists():
        return
    if tokens is None:
        raise LookupError("the sandbox knows this account, the clinic does not: remove CDP_HOME and start again")
    account = register_account(
        workspace=workspace,
        policy="zalo-2026",
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        token_expires_at=now + timedelta(seconds=int(tokens["expires_in"])),
        **details,
    )
    MessageTemplate.objects.bulk_create(_our_template(account, template, now) for template in sample()["templates"])


def _connect_sms(workspace: Workspace) -> None:
    """The same brand name on both sides, so that a step may fall back to an SMS."""
    details = dict(sample()["sms"])
    esms.connect_brand(**details)
    SmsAccount.objects.get_or_create(workspace=workspace, defaults=details)


def _zalos_template(oa_id: str, template: dict[str, Any]) -> dict[str, Any]:
    """What Zalo knows of a sample template."""
    kept = {key: value for key, value in template.items() if key not in ("registered_on", "sample")}
    return kept | {"oa_id": oa_id, "button": sample()["button"], "created_at": at(template["registered_on"])}


def _our_template(account: OfficialAccount, template: dict[str, Any], now: datetime) -> MessageTemplate:
    """As "Đồng bộ mẫu tin" and a person's paste would have stored it; the web that Zalo is played by is not up yet."""
    kept = {key: template[key] for key in ("template_id", "name", "tag", "price_vnd", "params", "title", "sample")}
    return MessageTemplate(
        workspace=account.workspace,
        account=account,
        synced_at=now,
        quality="HIGH",
        body="\n".join(template["paragraphs"]),
        buttons=[sample()["button"]],
        price_uid_vnd=template["price_vnd"] * 7 // 10,
        registered_at=at(template["registered_on"]),
        **kept,
    )


def _make_source(workspace: Workspace) -> Source:
    entry = library.entry(ENTRY)
    if entry is None:
        raise LookupError(ENTRY)
    dataset = create_dataset(workspace=workspace, name=entry.dataset.name, done_value=entry.dataset.done_value)
    return create_source(dataset=dataset, name=entry.dataset.source)


def _typed_rows(source: Source, now: datetime) -> list[list[str]]:
    """The sheet's rows; those marked "Đã gửi" are taken in and carry the verdict that the webhook gives."""
    grid = sample_rows(local(now).date())
    sent = {str(uuid.uuid4()): (number, row) for number, row in enumerate(grid, start=2) if row[_REQUEST]}
    body = json.dumps({"batch_id": "seed", "rows": [_as_sent(key, *sent[key]) for key in sent]}, ensure_ascii=False)
    for result in _verdicts(source, body.encode(), now - TYPED_BEFORE):
        _, row = sent[result["row_id"]]
        row[_STATUS], row[_ID] = result["status"], result["row_id"]
    return grid


def _as_sent(row_id: str, number: int, row: list[str]) -> dict[str, Any]:
    values = dict(zip(COLUMNS[:_REQUEST], row[:_REQUEST], strict=True))
    return {"row_id": row_id, "row_number": number, "request": row[_REQUEST], "values": values}


def _verdicts(source: Source, body: bytes, now: datetime) -> list[dict[str, Any]]:
    """What the webhook answers; the source is open just for this, since its campaign is not active yet."""
    batch = protocol.parse(body)
    open_source(source=source)
    outcome = ingest(source=source, batch=batch, body=body, now=now, annotate=planned_notes)  # type: ignore[arg-type]
    close_source(source=source)
    results: list[dict[str, Any]] = json.loads(outcome.body)["results"]  # type: ignore[union-attr]
    return results


def _start_campaigns(workspace: Workspace, now: datetime) -> None:
    """Khởi tạo mẫu, choose the ZNS template, Kích hoạt both."""
    entry = library.entry(ENTRY)
    if entry is None:
        raise LookupError(ENTRY)
    group = library.instantiate(workspace=workspace, entry=entry, actor=None, now=now)
    template = MessageTemplate.objects.get(workspace=workspace, name="Hỏi thăm sau khám")
    for campaign in group.campaigns.select_related("version", "source", "workspace", "dataset"):
        definition = campaign.definition
        steps = [
            step.model_copy(update={"template": template.pk}) if isinstance(step, SendStep) else step
            for step in definition.steps
        ]
        chosen = definition.model_copy(update={"steps": tuple(steps)})
        activation.publish(campaign=campaign, definition=chosen, actor=None, now=now)
        if found := activation.problems(campaign):
            raise LookupError(str(found[0].message))
        activation.activate(campaign=campaign, actor=None, now=now)
