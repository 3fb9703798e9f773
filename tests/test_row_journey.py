"""ONE test: a row is typed in the sheet, and two hours after nine the patient has one message. Every hop is the real one.

The webhook, the engine, Zalo's wire, the sandbox that plays Zalo, its signed receipt and the pages' figures; only the
clock is moved by hand, and HTTP stays in this process.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from campaigns import reports
from campaigns.models import Campaign, Enrollment, Message
from campaigns.sums import campaign_sums
from campaigns.tick import run_tick
from cdp import demo
from datahub.models import Source
from integrations import clock
from integrations import http as ours
from integrations.models import OfficialAccount
from sandbox import http as theirs
from sandbox.zalo.receipts import post_due
from tests import factories
from tests.campaigns.story import vn
from tests.wire import mount, post_json

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)

ROW = factories.VISIT | {"Số điện thoại": "912345678", "Mã khách hàng": "KH900"}


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides of the wire in one process."""
    mount(monkeypatch, ours.session(), theirs.session)


def post(source: Source, *rows: dict[str, Any], batch_id: str) -> dict[str, Any]:
    """The sheet's signed call."""
    body = factories.as_bytes(factories.sheet_batch(*rows, batch_id=batch_id))
    response = Client().post(
        f"/hooks/sheets/{source.key}",
        body,
        content_type="application/json",
        **factories.signed(source.secret, body, clock.wall()),  # type: ignore[arg-type]
    )
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def tick() -> None:
    """One turn of the engine by the business clock."""
    run_tick(clock=clock, budget_s=20)


def move(**how: Any) -> None:
    """The sandbox's clock, as its page moves it."""
    assert post_json("/sandbox/clock", how).status_code == 200


@pytest.fixture
def at_two_in_the_afternoon() -> Any:
    """20 November 2026, 14:00 in Vietnam; the sandbox's offset starts at nothing."""
    (settings.CDP_HOME / "clock.json").unlink(missing_ok=True)
    with time_machine.travel(vn(20, 14), tick=False):
        yield
    (settings.CDP_HOME / "clock.json").unlink(missing_ok=True)


def test_a_completed_row_becomes_exactly_one_message(at_two_in_the_afternoon: None) -> None:
    demo.seed(public_url=settings.PUBLIC_URL, ready=True, now=clock.now())
    source = Source.objects.get(kind=Source.Kind.SCRIPT)
    wrong = ROW | {"Số điện thoại": "09123", "Mã khách hàng": "KH901"}
    answer = post(
        source,
        factories.sheet_row(ROW, row_id="đúng", number=50),
        factories.sheet_row(wrong, row_id="sai", number=51),
        batch_id="b1",
    )
    right, refused = answer["results"]
    assert (right["status"], right["note"]) == ("Đã gửi", "Gửi tin dự kiến 11:00 21/11")
    assert refused["status"] == "Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"

    tick()
    assert not Enrollment.objects.exists()
    move(to="09:00")
    tick()
    assert [each.due_at for each in Enrollment.objects.all()] == [vn(21, 11)]
    move(advance_s=7_200)
    tick()
    tick()
    assert Message.objects.get().state == "sent"

    move(advance_s=5)
    assert post_due(clock.now(), 100) == 1
    tick()
    message = Message.objects.get()
    assert message.state == "delivered"
    [received] = Client().get("/sandbox/zalo/inbox.json?phone=84912345678").json()
    assert received["tracking_id"] == message.tracking_id
    assert received["template_data"]["customer_name"] == "Nguyễn Thị Hoa"

    fixed = post(
        source,
        factories.sheet_row(wrong | {"Số điện thoại": "0987654321"}, row_id="sai", number=51, request="Cập nhật lại"),
        batch_id="b2",
    )
    assert fixed["results"][0]["status"] == "Đã gửi"
    assert post(source, factories.sheet_row(ROW, row_id="đúng", number=50), batch_id="b3")["results"][0]["accepted"]
    move(to="09:00")
    tick()
    move(advance_s=7_200)
    tick()
    phones = sorted(each["phone"] for each in Client().get("/sandbox/zalo/inbox.json").json())
    assert phones == ["84912345678", "84987654321"]
    check_figures()


def check_figures() -> None:
    """The pages' numbers, the rows and Zalo's own count agree."""
    account = OfficialAccount.objects.get()
    figures = reports.overview(workspace=account.workspace, now=clock.now())
    assert figures.sent_today == 1
    [daily] = figures.quotas
    assert (daily.used, daily.drift) == (1, 0)
    assert all(campaign_sums(campaign).closes for campaign in Campaign.objects.all())
    token = {"access_token": account.access_token}
    zalo = Client().get("/sandbox/zalo/business/message/quota", headers=token).json()["data"]
    assert zalo["remainingQuota"] == daily.left
    assert clock.now() - vn(22, 11) < timedelta(minutes=1)
