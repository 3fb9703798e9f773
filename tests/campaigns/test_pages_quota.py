"""Hạn mức: the gates as the guard would meet them, and promotion's quota ahead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import gates
from campaigns.models import Campaign, FrequencyCap, Message, QuotaWindow, StandingDay
from integrations.base import Brake
from integrations.models import MessageTemplate, OfficialAccount
from tests.accounts.browser import HTMX, as_, text
from tests.campaigns.guarding import delivered_before, messages, reserve
from tests.campaigns.story import Clinic, make_account, make_template, vn

NOW = vn(21, 11, 5)


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(NOW, tick=False):
        yield


def stand(clinic: Clinic, **changes: Any) -> OfficialAccount:
    OfficialAccount.objects.filter(pk=clinic.account.pk).update(**changes)
    clinic.account.refresh_from_db()
    return clinic.account


def window(account: OfficialAccount, key: str, rule: str, *, limit: int, used: int, **changes: Any) -> QuotaWindow:
    whole = f"zalo:{account.oa_id}:{key}"
    held = {"ceiling": limit, "ends_at": vn(22), **changes}
    return QuotaWindow.objects.create(account=account, key=whole, rule=rule, limit=limit, used=used, **held)


def seen(clinic: Clinic) -> gates.AccountQuota:
    return gates.quota_page(workspace=clinic.workspace, now=NOW)[0]


def limits(page: gates.AccountQuota) -> dict[str, int | None]:
    return {line.rule: line.limit for line in page.lines}


# --- gates --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"daily_quota": 20_000, "promotion_month_quota": 10_000}),
        (
            {"policy": "zalo-2024"},
            {"daily_quota": 20_000, "promotion_day_quota": 5_000, "promotion_month_quota": 10_000},
        ),
        (
            {"tag_one_reserve": 10},
            {"daily_quota": 20_000, "transaction_reserve": 18_000, "promotion_month_quota": 10_000},
        ),
        (
            {"brake": Brake.SLOW},
            {"daily_quota": 20_000, "promotion_month_quota": 10_000, "brake_slow": 1_000},
        ),
        ({"daily_quota": None}, {"daily_quota": None, "promotion_month_quota": 10_000}),
        ({"first_promotion_month": date(2026, 9, 1)}, {"daily_quota": 20_000, "promotion_month_quota": 0}),
    ],
)
def test_every_gate_stands_before_any_message_has_met_it(clinic: Clinic, changes, expected) -> None:
    stand(clinic, **changes)
    assert limits(seen(clinic)) == expected


def test_what_the_guard_took_is_what_the_page_shows(clinic: Clinic) -> None:
    MessageTemplate.objects.update(tag=3, daily_quota=50, brake=Brake.SLOW)
    stand(clinic, policy="zalo-2024", tag_one_reserve=10, brake=Brake.SLOW)
    batch = messages(clinic, 3)
    for message in batch:
        delivered_before(message)
    stand(clinic, policy="zalo-2024", tag_one_reserve=10, brake=Brake.SLOW, blocked_reason="")
    assert len(reserve(clinic, batch)) == 3
    page = seen(clinic)
    taken = QuotaWindow.objects.exclude(rule__in=gates.PEOPLE).values_list("rule", "limit", "used")
    assert sorted((line.rule, line.limit, line.used) for line in page.lines) == sorted(taken)
    assert len(taken) == 7
    assert [(gate.rule, gate.limit, gate.full) for gate in page.people] == [("user_month_quota", 4, 0)]


@pytest.mark.parametrize(
    ("held", "limit", "left", "drift"),
    [
        ({"limit": 20_000, "used": 300, "vendor_used": 310}, 20_000, 19_700, -10),
        ({"limit": 500, "ceiling": 20_000, "used": 300, "vendor_limit": 500, "vendor_used": 300}, 500, 200, 0),
        ({"limit": 50_000, "used": 30_000}, 20_000, 0, None),  # the quota fell since the last send
        ({"limit": 10_000, "used": 300, "vendor_limit": 400}, 20_000, 19_700, None),  # and rose
    ],
)
def test_the_number_shown_is_the_one_the_next_send_meets(clinic: Clinic, held, limit, left, drift) -> None:
    window(clinic.account, "day:2026-11-21", "daily_quota", **held)
    line = seen(clinic).lines[0]
    assert (line.limit, line.left, line.drift) == (limit, left, drift)


def test_yesterdays_window_and_another_accounts_are_not_todays(clinic: Clinic) -> None:
    other = make_account(clinic.workspace, oa_id="oa-hai", name="Z")
    window(clinic.account, "day:2026-11-20", "daily_quota", limit=20_000, used=7, ends_at=vn(21))
    window(other, "day:2026-11-21", "daily_quota", limit=20_000, used=9)
    first, second = gates.quota_page(workspace=clinic.workspace, now=NOW)
    assert (first.lines[0].used, second.lines[0].used) == (0, 9)


def test_an_unlimited_account_still_says_what_it_sent_today(clinic: Clinic) -> None:
    [message] = messages(clinic, 1)
    Message.objects.filter(pk=message.pk).update(sent_at=vn(21, 10))
    delivered_before(message, sent_at=vn(20, 23))
    delivered_before(message, sent_at=vn(21, 9), channel="sms")
    stand(clinic, daily_quota=None)
    assert [(line.used, line.limit) for line in seen(clinic).lines[:1]] == [(1, None)]


def test_the_fullest_gate_is_named_as_the_next_to_bite(browser, clinic: Clinic) -> None:
    assert seen(clinic).nearest is None
    window(clinic.account, "day:2026-11-21", "daily_quota", limit=20_000, used=15_000)
    window(
        clinic.account, "promo-month:2026-11", "promotion_month_quota", limit=1_000, used=900, ends_at=vn(1, month=12)
    )
    assert "Cửa gần đầy nhất: Tin hậu mãi trong tháng , còn 100 tin." in text(browser.get("/quota/"))
    QuotaWindow.objects.filter(rule="promotion_month_quota").update(used=1_000)
    assert "Cửa đang đóng: Tin hậu mãi trong tháng , mở lại lúc 00:00 01/12/2026." in text(browser.get("/quota/"))


def test_people_who_had_their_fill_are_counted(browser, clinic: Clinic) -> None:
    for number, used in enumerate((4, 4, 3)):
        key, ends = f"user:{number}:promo-month:2026-11", vn(1, month=12)
        window(clinic.account, key, "user_month_quota", limit=4, used=used, ends_at=ends)
    assert seen(clinic).people[0].full == 2
    assert "tối đa 4 tin 2 khách đã nhận đủ" in text(browser.get("/quota/"))


def test_messages_that_wait_are_told_at_the_gate_that_holds_them(browser, clinic: Clinic) -> None:
    first, second, third = messages(clinic, 3)
    later = {"snoozes": 1, "due_at": NOW + timedelta(hours=1)}
    Message.objects.filter(pk=first.pk).update(reason_code="daily_quota", **later)
    Message.objects.filter(pk=second.pk).update(reason_code="brake_held", **later)
    Message.objects.filter(pk=third.pk).update(reason_code="vendor_busy", **later)
    page = seen(clinic)
    assert page.lines[0].waiting == 1
    assert page.waiting == [("Tạm giữ vì có báo xấu", 1)]
    assert "Tạm giữ vì có báo xấu: 1 tin đang chờ." in text(browser.get("/quota/"))


@pytest.mark.parametrize(
    ("changes", "opens_at"),
    [
        ({}, None),
        ({"policy": "zalo-2024", "daily_quota": 10_000}, 20_000),
        ({"policy": "zalo-2024", "daily_quota": 10_000, "allowed_tags": [1, 2, 3]}, None),
        ({"allowed_tags": [1, 2]}, 0),
    ],
)
def test_promotion_that_is_not_open_is_said_so(clinic: Clinic, changes, opens_at) -> None:
    stand(clinic, **changes)
    assert seen(clinic).opens_at == opens_at


def test_a_dozen_accounts_cost_as_many_questions_as_one(browser, clinic: Clinic) -> None:
    def asked(**how: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get("/quota/", **how)
        return len(queries)

    stand(clinic, daily_quota=None)
    before = asked(), asked(**HTMX)
    for number in range(12):
        account = make_account(clinic.workspace, oa_id=f"oa{number}", daily_quota=None if number % 3 else 20_000)
        for template in range(4):
            make_template(account, template_id=f"{number}{template}", daily_quota=100, brake=Brake.SLOW)
        window(account, "day:2026-11-21", "daily_quota", limit=20_000, used=3)
    assert (asked(), asked(**HTMX)) == before
    assert before[1] <= 14


# --- ahead --------------------------------------------------------------------


def care(account: OfficialAccount, first: date, end: date, *, a_day: int, promotion: int = 0) -> None:
    """Finished days on which so many care messages arrived."""
    StandingDay.objects.bulk_create(
        StandingDay(
            account=account,
            day=first + timedelta(days=offset),
            daily_quota=20_000,
            quality_7d="HIGH",
            delivered=a_day + promotion,
            care_delivered=a_day,
            promotion_sent=promotion,
            reports=0,
        )
        for offset in range((end - first).days)
    )


@pytest.fixture
def known(clinic: Clinic) -> Clinic:
    """31 × 60 care messages in October, 20 × 60 in November, 10 promotion messages a day; no month is the first."""
    care(clinic.account, date(2026, 9, 1), date(2026, 11, 21), a_day=60, promotion=10)
    stand(clinic, first_promotion_month=date(2026, 6, 1))
    return clinic


def test_three_forecasts_stand_with_their_formulas(browser, known: Clinic) -> None:
    shown = text(browser.get("/quota/"))
    assert "Hạn mức hậu mãi tháng 12/2026" in shown
    assert "Đã chắc chắn 510 (1.860 + 1.200) ÷ 6 = 510" in shown
    assert "Cùng với tin đã lên lịch 510 (1.860 + 1.200 + 0) ÷ 6 = 510" in shown
    assert "Nếu giữ nhịp 7 ngày qua 610 (1.860 + 1.200 + 600) ÷ 6 = 610" in shown


def test_the_first_months_bonus_is_part_of_the_formula(browser, known: Clinic) -> None:
    stand(known, first_promotion_month=None)
    assert "(1.860 + 1.200) ÷ 6 + 10.000 = 10.510" in text(browser.get("/quota/"))


def test_last_months_forecast_is_shown_next_to_the_truth(browser, known: Clinic) -> None:
    shown = text(browser.get("/quota/"))
    assert "Dự báo cho tháng 11/2026" in shown
    assert "Thực tế 610 (1.800 + 1.860) ÷ 6 = 610" in shown


def test_a_new_account_has_nothing_to_look_back_at(browser, clinic: Clinic) -> None:
    assert "Chưa có: cần ít nhất hai tháng số liệu." in text(browser.get("/quota/"))


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (1_000, "đến cuối tháng dùng khoảng 300 trên 1.000 tin: đủ."),
        (240, "hạn mức sẽ hết vào 24/11/2026."),
        (150, "Hạn mức tháng này đã dùng hết."),
    ],
)
def test_the_burn_down_says_where_the_pace_leads(browser, known: Clinic, limit: int, says: str) -> None:
    key, ends = "promo-month:2026-11", vn(1, month=12)
    window(known.account, key, "promotion_month_quota", limit=limit, used=1, ends_at=ends)
    answer = browser.get("/quota/")
    assert says in text(answer)
    assert answer.content.decode().count("vector-effect") == 4


def test_what_would_earn_more_is_told_with_its_sum(browser, known: Clinic) -> None:
    assert "Mọi bước gửi chăm sóc đang có đều đang chạy." in text(browser.get("/quota/"))
    for number in range(12):
        known.visit(Mã_khách_hàng=f"KH{number}", Số_điện_thoại=f"09{12_345_678 + number}")
    Campaign.objects.filter(pk=known.send.pk).update(state="paused")
    shown = text(browser.get("/quota/"))
    assert (
        "Thêm 6 tin chăm sóc khách nhận được là tháng sau có thêm 1 tin hậu mãi. Sau đó cứ 6 tin được thêm 1." in shown
    )
    assert "chiến dịch đang tạm dừng +2 (12 lượt khám ÷ 6)" in shown


def test_one_account_is_looked_ahead_of_at_a_time(browser, clinic: Clinic, stranger) -> None:
    other = make_account(clinic.workspace, oa_id="oa-hai", name="Z – Thủ Đức")
    theirs = OfficialAccount.objects.exclude(workspace=clinic.workspace).first() or other
    assert "Hạn mức hậu mãi của Nha khoa Hoa Sen" in text(browser.get("/quota/"))
    assert "Hạn mức hậu mãi của Z – Thủ Đức" in text(browser.get(f"/quota/?account={other.pk}"))
    for nonsense in ("abc", "999999", theirs.pk if theirs != other else "0"):
        assert "Hạn mức hậu mãi của Nha khoa Hoa Sen" in text(browser.get(f"/quota/?account={nonsense}"))


def test_htmx_asks_for_the_gates_alone(browser, clinic: Clinic) -> None:
    piece = browser.get("/quota/", **HTMX).content.decode()
    assert "Hạn mức ngày của OA" in piece
    assert "<form" not in piece
    assert "ahead-title" not in piece


def test_a_clinic_without_an_account_is_led_to_connect_one(owner) -> None:
    assert "Chưa kết nối Zalo OA nào" in text(as_(owner).get("/quota/"))


# --- the clinic's own caps ----------------------------------------------------


def test_the_caps_are_set_on_the_page_and_read_by_who_may_only_look(browser, clinic: Clinic, viewer) -> None:
    assert 'action="/quota/caps/"' in browser.get("/quota/").content.decode()
    shown = as_(viewer).get("/quota/")
    assert "/quota/caps/" not in shown.content.decode()
    assert "Chưa đặt giới hạn nào ngoài quy định của Zalo." in text(shown)
    FrequencyCap.objects.create(workspace=clinic.workspace, tag=2, period="week", limit=3)
    assert "Chăm sóc khách hàng tối đa 3 tin mỗi tuần" in text(as_(viewer).get("/quota/"))
