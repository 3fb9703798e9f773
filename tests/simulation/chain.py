"""A chain of twelve clinics on both sides of the wire: our campaigns, and the Zalo that the sandbox plays.

Every quota is a hundredth of the real one, so that a few visits a day meet every limit.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from accounts.models import Workspace
from campaigns import activation
from campaigns.definition import Definition, DelayStep, ParamSource, RecordChangedTrigger, ScheduleTrigger, SendStep
from campaigns.models import Campaign, CampaignGroup
from datahub.conditions import AllOf, Condition
from datahub.ingest import Answered, ingest
from datahub.models import Source
from integrations.google_sheets.protocol import SheetBatch, parse
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import at
from integrations.zalo import policy as ours
from sandbox.models import Account
from sandbox.zalo import ladder as their_ladder
from sandbox.zalo import limits as their_limits
from sandbox.zalo import services as zalo
from tests import factories

SCALE = 100
REGIONS = ("Bắc", "Trung", "Nam")
BRANCHES = 4  # of each region, which has one Official Account
POOL = 40  # patients of a branch
SERVICES = ("Nhổ răng", "Khám định kỳ", "Tẩy trắng", "Niềng răng")
DONE = "Đã hoàn thành"
NAMES = ("customer_name", "customer_id", "shop_name")
PARAMS = [{"name": name, "maxLength": 100} for name in NAMES]
KINDS = {"bill": 1, "care": 2, "gift": 3}
HOOK = "http://testserver/hooks/zalo"


def shrink(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Divide both sides' ladders, thresholds and bonus by SCALE."""
    for path in sorted(Path(ours.__file__).parent.joinpath("policies").glob("*.yaml")):
        rules = yaml.safe_load(path.read_text())
        rules["ladder"] = [step and step // SCALE for step in rules["ladder"]]
        rules["start"] //= SCALE
        rules["promotion"]["opens_at_quota"] //= SCALE
        rules["promotion"]["first_month_bonus"] //= SCALE
        (folder / path.name).write_text(yaml.safe_dump(rules, allow_unicode=True))
    monkeypatch.setattr(ours, "_FOLDER", folder)
    ours.policy.cache_clear()
    small = {name: tuple(step and step // SCALE for step in steps) for name, steps in their_ladder.LADDERS.items()}
    monkeypatch.setattr(their_ladder, "LADDERS", small)
    for name in ("PROMOTION_OPENS_2024", "FIRST_MONTH_BONUS"):
        monkeypatch.setattr(their_limits, name, getattr(their_limits, name) // SCALE)


@dataclass
class Chain:
    """The chain: one workspace, one sheet, one Official Account a region."""

    workspace: Workspace
    source: Source
    accounts: list[OfficialAccount]
    luck: random.Random
    rows: int = 0
    patients: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def visits(self, day: date, a_branch: int, now: datetime) -> int:
        """Let every branch type its completed visits of `day`; returns how many there were."""
        rows = []
        for branch, patients in self.patients.items():
            for code, phone in self.luck.sample(patients, a_branch):
                self.rows += 1
                cells = factories.VISIT | {
                    "Mã khách hàng": code,
                    "Số điện thoại": phone,
                    "Dịch vụ": self.luck.choice(SERVICES),
                    "Ngày khám": f"{day:%d/%m/%Y}",
                    "Chi nhánh": branch.rsplit(" ", 1)[0],
                    "Bác sĩ": branch,
                    "Ngày tái khám": "",
                }
                rows.append(factories.sheet_row(cells, row_id=f"row-{self.rows}", number=self.rows))
        body = factories.as_bytes(factories.sheet_batch(*rows, batch_id=f"{day:%Y%m%d}"))
        batch = parse(body)
        assert isinstance(batch, SheetBatch), batch
        outcome = ingest(source=self.source, batch=batch, body=body, now=now, annotate=lambda records, now: {})
        assert isinstance(outcome, Answered), outcome
        return len(rows)


def found(*, start: date, switch: date, luck: random.Random) -> Chain:
    """Open the chain on `start` under the rules of 2024, to live under those of 2026 from `switch` on, on both sides."""
    now = at(start, time(0, 5))
    workspace = factories.make_workspace("Chuỗi nha khoa Sao Mai")
    source = factories.make_source(factories.make_dataset(workspace))
    accounts = [_account(workspace, number, region, switch, now) for number, region in enumerate(REGIONS)]
    for account, region in zip(accounts, REGIONS, strict=True):
        _campaigns(account, region, source, now)
    chain = Chain(workspace, source, accounts, luck)
    for region_number, region in enumerate(REGIONS):
        for branch in range(BRANCHES):
            numbers = range((region_number * BRANCHES + branch) * POOL, (region_number * BRANCHES + branch + 1) * POOL)
            chain.patients[f"{region} {branch}"] = [(f"KH{number}", f"09{10_000_000 + number}") for number in numbers]
    return chain


def _account(workspace: Workspace, number: int, region: str, switch: date, now: datetime) -> OfficialAccount:
    app_id, oa_id, start = f"28590466{number}", f"43186570687{number}", ours.policy("zalo-2024").start
    pair = zalo.create_account(
        oa_id=oa_id,
        name=region,
        app_id=app_id,
        app_secret="bí-mật",
        oa_secret_key="khóa-oa",
        policy="2024",
        daily_quota=start,
        webhook_url=f"{HOOK}/{app_id}",
        now=now,
    )
    assert pair is not None
    Account.objects.filter(oa_id=oa_id).update(promo_bonus_month="")
    zalo.make_live(oa_id=oa_id, now=now)
    account = OfficialAccount.objects.create(
        workspace=workspace,
        name=region,
        oa_id=oa_id,
        app_id=app_id,
        app_secret="bí-mật",
        oa_secret_key="khóa-oa",
        access_token=pair["access_token"],
        refresh_token=pair["refresh_token"],
        token_expires_at=now + timedelta(seconds=int(pair["expires_in"])),
        policy="zalo-2024",
        next_policy="zalo-2026",
        next_policy_on=switch,
        daily_quota=start,
    )
    for kind, tag in KINDS.items():
        _template(account, kind, tag, now)
    return account


def _template(account: OfficialAccount, kind: str, tag: int, now: datetime) -> None:
    number = f"{account.oa_id[-1]}{tag}"
    text = ["Chào <customer_name>, mã <customer_id> tại <shop_name>."]
    zalo.create_template(
        oa_id=account.oa_id,
        template_id=number,
        name=kind,
        tag=tag,
        title="Cảm ơn bạn đã ghé phòng khám",
        paragraphs=text,
        button={},
        params=PARAMS,
    )
    MessageTemplate.objects.create(
        workspace=account.workspace,
        account=account,
        template_id=number,
        name=kind,
        tag=tag,
        params=[{**param, "require": True, "type": "STRING"} for param in PARAMS],
        price_vnd=200,
        synced_at=now,
    )


def _campaigns(account: OfficialAccount, region: str, source: Source, now: datetime) -> None:
    """A bill at once, care the next morning plus two hours, and on Mondays a gift for whoever came for a check-up."""
    group = CampaignGroup.objects.create(workspace=account.workspace, name=region, library_slug="", created_at=now)
    ours_alone = (Condition(field="shop_name", op="eq", value=region), Condition(field="status", op="eq", value=DONE))
    check_up = Condition(field="service", op="eq", value="Khám định kỳ")
    delay = DelayStep(key="chờ", minutes=120)
    plans: list[tuple[str, Any, Sequence[Condition], Sequence[Any]]] = [
        ("bill", RecordChangedTrigger(field="status", to=DONE), ours_alone, ()),
        ("care", ScheduleTrigger(), ours_alone, (delay,)),
        ("gift", ScheduleTrigger(days=(0,)), (*ours_alone, check_up), ()),
    ]
    for kind, trigger, conditions, before in plans:
        template = MessageTemplate.objects.get(account=account, name=kind)
        params = {name: ParamSource(field=name) for name in NAMES}
        send = SendStep(key="gửi", template=template.pk, params=params, useful_hours=24 * 7)
        definition = Definition(trigger=trigger, filter=AllOf(all=tuple(conditions)), steps=(*before, send))
        campaign = Campaign.objects.create(
            workspace=account.workspace, group=group, name=kind, dataset=source.dataset, state=Campaign.State.DRAFT
        )
        activation.publish(campaign=campaign, definition=definition, actor=None, now=now)
        assert activation.activate(campaign=campaign, actor=None, now=now) == []
