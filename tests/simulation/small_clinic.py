"""A small clinic on both sides of the wire: its visits fall due at eleven, and the daily quota has room for three in four."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Workspace
from campaigns import activation, enrollment, progress
from campaigns.definition import Definition, ParamSource, RecordChangedTrigger, SendStep
from campaigns.models import Campaign, CampaignGroup, Message
from campaigns.rounds import run_rounds
from datahub.ingest import Answered, ingest
from datahub.models import Dataset, Source
from integrations.base import ChannelName
from integrations.google_sheets.protocol import SheetBatch, parse
from integrations.models import OfficialAccount, SmsAccount, ZaloUser
from integrations.zalo.template_sync import sync_templates
from sandbox.esms import services as esms
from sandbox.models import Account
from sandbox.zalo import faults
from sandbox.zalo import services as zalo
from tests import factories
from tests.campaigns.story import HandClock, vn
from tests.sandbox.zalo_story import make_user
from tests.simulation.chain import HOOK, NAMES, PARAMS

# `make matrix` takes twenty visits.
VISITS = int(os.environ.get("MATRIX_VISITS", "8"))
PLACES = VISITS * 3 // 4
PHONES = [f"849{12_345_600 + number}" for number in range(VISITS)]
ELEVEN = vn(21, 11)
OA, APP, TEMPLATE = "4318657068771000001", "2859046600000000001", "7001"
CHAT, UID, ZNS, SMS = ChannelName
TEXTS: dict[str, Any] = {"chat_text": "Chào <customer_name>, chị thấy sao rồi ạ?", "sms_text": "Chao <customer_name>"}


@dataclass
class Clinic:
    """The clinic, its account on our side, and the clock of both sides.

    `asked`: the sends of the batch in the middle of which its campaign is paused, or its account blocked.
    """

    workspace: Workspace
    account: OfficialAccount
    campaign: Campaign
    clock: HandClock
    asked: int = 0

    def theirs(self) -> Account:
        """The account as Zalo keeps it."""
        return Account.objects.get(oa_id=OA)


@dataclass(frozen=True)
class Hop:
    """One place where a misfortune may strike: the address, the ways that the send step may take, and the scene."""

    name: str
    paths: tuple[str, ...]
    ways: tuple[ChannelName, ...] = (ZNS,)
    scene: Callable[[Clinic], None] = lambda clinic: None


def _read(clinic: Clinic) -> None:
    """The hour's rounds are over: what follows is about the sends."""
    run_rounds(clock=clinic.clock)


def _token_ended(clinic: Clinic) -> None:
    """Both sides know that the access token ended a minute ago."""
    ended = clinic.clock.now() - timedelta(minutes=1)
    OfficialAccount.objects.update(token_expires_at=ended)
    Account.objects.update(access_expires_at=ended)


def _hashed(clinic: Clinic) -> None:
    _read(clinic)
    OfficialAccount.objects.update(hashes_phones=True)
    for phone in PHONES:
        zalo.set_habits(phone=phone)


def _known(clinic: Clinic) -> None:
    """Every patient follows the account and wrote to it an hour ago."""
    _read(clinic)
    wrote = clinic.clock.now() - timedelta(hours=1)
    for phone in PHONES:
        user_id = make_user(oa_id=OA, phone=phone, follows=True, last_interaction_at=wrote)
        ZaloUser.objects.create(
            account=clinic.account,
            user_id=user_id,
            phone=phone,
            phone_confirmed_at=wrote,
            is_follower=True,
            last_interaction_at=wrote,
            told_at=wrote,
        )


def _not_on_zalo(clinic: Clinic) -> None:
    _read(clinic)
    for phone in PHONES:
        zalo.set_recipient(phone=phone, on_zalo=False)


def _no_receipts(clinic: Clinic) -> None:
    """So that only asking tells what became of a message."""
    _read(clinic)
    faults.add(faults.parse({"kind": "receipt_missing", "count": VISITS}))


def _stars(clinic: Clinic) -> None:
    _read(clinic)
    for phone in PHONES:
        zalo.set_habits(phone=phone, rates=5)


HOPS = [
    Hop("token", (faults.MINT,), scene=_token_ended),
    Hop("phone", ("/message/template",), (ZNS, SMS), _read),
    Hop("hash", ("/message/template/hashphone",), (ZNS,), _hashed),
    Hop("uid", ("/v3.0/oa/message/template",), (UID, ZNS, SMS), _known),
    Hop("chat", ("/v3.0/oa/message/cs",), (CHAT, UID, ZNS), _known),
    Hop("sms", (esms.PATH,), (ZNS, SMS), _not_on_zalo),
    Hop("poll", ("/message/status",), (ZNS,), _no_receipts),
    Hop("read", ("/message/quota", "/quality")),
    Hop("sync", ("/template/all",)),
    Hop("event", ("",), (ZNS,), _stars),
]


def found(hop: Hop, clock: HandClock) -> Clinic:
    """Open the clinic two hours before its messages fall due, and let the scene of the hop happen."""
    clock.moment = ELEVEN - timedelta(hours=2)
    workspace = factories.make_workspace()
    dataset = factories.make_dataset(workspace)
    account = _account(workspace, clock)
    esms.connect_brand(api_key="k", secret_key="s", brandname="HOASEN")
    SmsAccount.objects.create(workspace=workspace, api_key="k", secret_key="s", brandname="HOASEN")
    campaign = _campaign(workspace, dataset, hop.ways, clock.now())
    clinic = Clinic(workspace, account, campaign, clock)
    clock.moment = ELEVEN
    _visits(factories.make_source(dataset), clock.now())
    enrollment.enroll_from_events(now=clock.now(), limit=VISITS)
    progress.advance(now=clock.now(), limit=VISITS)
    assert Message.objects.count() == VISITS
    hop.scene(clinic)
    return clinic


def _account(workspace: Workspace, clock: HandClock) -> OfficialAccount:
    keys: dict[str, Any] = {
        "oa_id": OA,
        "name": "Nha khoa Hoa Sen",
        "app_id": APP,
        "app_secret": "bí-mật",
        "oa_secret_key": "khóa-oa",
    }
    pair = zalo.create_account(**keys, daily_quota=PLACES, webhook_url=f"{HOOK}/{APP}", now=clock.now())
    assert pair is not None
    zalo.create_template(
        oa_id=OA,
        template_id=TEMPLATE,
        name="Hỏi thăm sau khám",
        tag=2,
        title="Hôm nay bạn thấy thế nào rồi?",
        paragraphs=["Chào <customer_name>, mã <customer_id> tại <shop_name>."],
        button={},
        params=PARAMS,
        kind=5,
        created_at=clock.now() - timedelta(days=30),
    )
    account = OfficialAccount.objects.create(
        workspace=workspace,
        **keys,
        daily_quota=PLACES,
        access_token=pair["access_token"],
        refresh_token=pair["refresh_token"],
        token_expires_at=clock.now() + timedelta(seconds=int(pair["expires_in"])),
    )
    sync_templates(account=account, clock=clock)
    return account


def _campaign(workspace: Workspace, dataset: Dataset, ways: tuple[ChannelName, ...], now: datetime) -> Campaign:
    template = workspace.message_templates.get(template_id=TEMPLATE)
    params = {name: ParamSource(field=name) for name in NAMES}
    send = SendStep(key="gửi", template=template.pk, params=params, useful_hours=72, channels=ways, **TEXTS)
    definition = Definition(trigger=RecordChangedTrigger(field="status", to="Đã hoàn thành"), steps=(send,))
    group = CampaignGroup.objects.create(workspace=workspace, name="Chăm sóc", library_slug="", created_at=now)
    campaign = Campaign.objects.create(
        workspace=workspace, group=group, name="Hỏi thăm", dataset=dataset, state=Campaign.State.DRAFT
    )
    activation.publish(campaign=campaign, definition=definition, actor=None, now=now)
    assert activation.activate(campaign=campaign, actor=None, now=now) == []
    return campaign


def _visits(source: Source, now: datetime) -> None:
    rows = [
        factories.sheet_row(
            factories.visit(Mã_khách_hàng=f"KH{number}", Số_điện_thoại=f"0{phone[2:]}"),
            row_id=f"row-{number}",
            number=number + 2,
        )
        for number, phone in enumerate(PHONES)
    ]
    body = factories.as_bytes(factories.sheet_batch(*rows, batch_id="today"))
    batch = parse(body)
    assert isinstance(batch, SheetBatch), batch
    outcome = ingest(source=source, batch=batch, body=body, now=now, annotate=lambda records, now: {})
    assert isinstance(outcome, Answered), outcome


@contextmanager
def undone(clock: HandClock) -> Iterator[None]:
    """Whatever happens inside, in both databases and to the clock, has not happened afterwards."""
    moment = clock.moment
    with transaction.atomic(), transaction.atomic(using="sandbox"):
        yield
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="sandbox")
    clock.moment = moment


def patience() -> float:
    """Seconds that our side waits for an answer."""
    return float(settings.HTTP_READ_TIMEOUT_S)
