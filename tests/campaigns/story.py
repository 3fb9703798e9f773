"""The clinic's campaign as a story: a clock moved by hand, a channel that does as it is told, and the reference group."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Workspace
from campaigns import activation, library
from campaigns.models import Campaign, Message
from campaigns.tick import run_tick
from datahub.models import Record, Source
from integrations.base import Accepted, ChannelName, Clock, OutgoingMessage, SendResult
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import VIETNAM
from tests import factories

PHONE = "84912345678"
PARAMS: list[dict[str, Any]] = [
    {"name": "customer_name", "require": True, "type": "STRING", "maxLength": 30, "minLength": 0, "acceptNull": False},
    {"name": "customer_id", "require": True, "type": "STRING", "maxLength": 30, "minLength": 0, "acceptNull": False},
    {"name": "shop_name", "require": True, "type": "STRING", "maxLength": 100, "minLength": 0, "acceptNull": False},
]


def vn(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> datetime:
    """A moment of November 2026 on a Vietnamese clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=VIETNAM)


@dataclass
class HandClock:
    """A clock that moves when the test says so."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def wall(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class ObedientChannel:
    """Accepts everything, unless a phone was told otherwise. `sent` is what "Zalo" received, in order."""

    name: ChannelName = ChannelName.ZNS
    sent: list[OutgoingMessage] = field(default_factory=list)
    told: dict[str, deque[SendResult]] = field(default_factory=dict)
    before_answer: Any = None
    token: str = "token"

    def tell(self, phone: str, *results: SendResult) -> None:
        """Answer the next sends to `phone` with these."""
        self.told.setdefault(phone, deque()).extend(results)

    def open(self, account: OfficialAccount, clock: Clock) -> str:
        return self.token

    def send_many(
        self, account: OfficialAccount, messages: Sequence[OutgoingMessage], token: str, clock: Clock
    ) -> list[SendResult]:
        self.sent.extend(messages)
        if self.before_answer:
            self.before_answer()
        return [self._answer(message, clock) for message in messages]

    def _answer(self, message: OutgoingMessage, clock: Clock) -> SendResult:
        queue = self.told.get(message.phone)
        return queue.popleft() if queue else Accepted(f"z{len(self.sent)}-{message.tracking_id[:8]}", clock.now())


@dataclass
class Clinic:
    """The reference group, ready to run, and the hands to run it with."""

    workspace: Workspace
    account: OfficialAccount
    template: MessageTemplate
    source: Source
    sync: Campaign
    send: Campaign
    clock: HandClock
    channel: ObedientChannel

    def visit(self, **changes: str) -> Record:
        """A completed visit typed now."""
        return factories.make_record(self.source, now=self.clock.now(), **changes)

    def tick(self) -> None:
        """One turn of the engine."""
        run_tick(clock=self.clock, budget_s=30)

    def at(self, moment: datetime) -> None:
        """Move the clock there and let the engine turn."""
        self.clock.moment = moment
        self.tick()

    def message(self) -> Message:
        """The only message there is."""
        return Message.objects.get()

    def set_definition(self, campaign: Campaign, **changes: Any) -> None:
        """Publish the campaign's definition with these parts changed."""
        definition = campaign.definition.model_validate({**campaign.definition.model_dump(), **changes})
        activation.publish(campaign=campaign, definition=definition, actor=None, now=self.clock.now())


def make_account(workspace: Workspace, **changes: Any) -> OfficialAccount:
    """A connected Official Account at the 2026 start tier."""
    details = {"name": "Nha khoa Hoa Sen", "app_id": "app-1", "daily_quota": 20_000, "oa_secret_key": "khóa-oa"}
    return OfficialAccount.objects.create(workspace=workspace, **{"oa_id": f"oa-{workspace.pk}", **details, **changes})


def make_template(account: OfficialAccount, **changes: Any) -> MessageTemplate:
    """The reference care message."""
    details = {"template_id": "7001", "name": "Hỏi thăm sau khám", "tag": 2, "params": PARAMS, "price_vnd": 200}
    return MessageTemplate.objects.create(workspace=account.workspace, account=account, **{**details, **changes})


def make_clinic(workspace: Workspace, channel: ObedientChannel, *, tag: int = 2, **account: Any) -> Clinic:
    """Thư viện mẫu → Khởi tạo mẫu → choose the template → Kích hoạt both, on 20 November 2026 at 14:00."""
    clock = HandClock(vn(20, 14))
    oa = make_account(workspace, **account)
    template = make_template(oa, tag=tag)
    entry = library.entry("cham-soc-sau-lieu-trinh")
    assert entry is not None
    group = library.instantiate(workspace=workspace, entry=entry, actor=None, now=clock.now())
    sync, send = group.campaigns.select_related("version", "source__dataset", "workspace")
    assert sync.source is not None
    clinic = Clinic(workspace, oa, template, sync.source, sync, send, clock, channel)
    choose_template(clinic, template)
    for campaign in (sync, send):
        assert activation.activate(campaign=campaign, actor=None, now=clock.now()) == []
    return clinic


def choose_template(clinic: Clinic, template: MessageTemplate) -> None:
    """Set the ZNS template of the campaign's send steps."""
    steps = [
        step.model_copy(update={"template": template.pk}) if step.kind == "send" else step
        for step in clinic.send.definition.steps
    ]
    clinic.set_definition(clinic.send, steps=[step.model_dump() for step in steps])


def due(clinic: Clinic, count: int = 1) -> None:
    """`count` visits whose message falls due at 11:00 on the 21st; the clock stands just before the engine turns."""
    visits = [
        factories.visit(Mã_khách_hàng=f"KH{number}", Số_điện_thoại=f"09{12_345_678 + number}")
        for number in range(count)
    ]
    factories.make_records(clinic.source, visits, now=clinic.clock.now())
    clinic.at(vn(21, 9))
    clinic.clock.moment = vn(21, 11)
