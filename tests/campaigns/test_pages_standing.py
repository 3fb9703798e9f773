"""Trang tài khoản: the ladder, the next judgement, its health and its history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import gates
from campaigns.models import StandingDay
from campaigns.standing import watch
from campaigns.standing.page import Rung
from integrations.base import Brake
from integrations.models import MessageTemplate, OfficialAccount, QuotaChange
from integrations.zalo.quota_changes import change_quota
from tests.accounts.browser import HTMX, text
from tests.campaigns.arrivals import delivered
from tests.campaigns.standings import enter, page, seen, stand
from tests.campaigns.story import Clinic, due, make_template, vn

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(vn(21, 11), tick=False):
        yield


@pytest.fixture
def account(clinic: Clinic) -> OfficialAccount:
    """20,000 a day under the rules of 2026, sending since the first."""
    due(clinic)
    clinic.tick()
    return stand(clinic, first_sent_on=date(2026, 11, 1), quality_7d="HIGH")


def rows(account: OfficialAccount, days: int, **changes: Any) -> None:
    """A finished day each, up to yesterday."""
    told = {"quality_7d": "HIGH", "delivered": 30, "care_delivered": 25, "promotion_sent": 5, "reports": 1}
    StandingDay.objects.bulk_create(
        StandingDay(account=account, day=TODAY - timedelta(days=back), **{**told, **changes})
        for back in range(1, days + 1)
    )


# --- the ladder ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rungs"),
    [
        ({}, ["∞", "50000", "20000 here start", "10000", "1000"]),
        ({"daily_quota": None}, ["∞ here", "50000", "20000 start", "10000", "1000"]),
        ({"daily_quota": 7_000}, ["∞", "50000", "20000 start", "10000", "7000 here off", "1000"]),
        (
            {"policy": "zalo-2024", "daily_quota": 500_000},
            ["500000 here", "100000", "50000", "20000 opens", "10000", "5000 start", "2000", "500"],
        ),
        (
            {"policy": "zalo-2024", "daily_quota": None},
            ["∞ here off", "500000", "100000", "50000", "20000 opens", "10000", "5000 start", "2000", "500"],
        ),
    ],
)
def test_every_step_of_the_rules_is_drawn_the_highest_first(clinic, account, changes, rungs: list[str]) -> None:
    def words(rung: Rung) -> str:
        marks = {"here": rung.is_here, "start": rung.is_start, "opens": rung.opens_promotion, "off": rung.is_off_ladder}
        return " ".join([str(rung.quota or "∞"), *(name for name, holds in marks.items() if holds)])

    assert [words(rung) for rung in seen(stand(clinic, **changes)).rungs] == rungs


def test_the_step_where_promotion_opens_is_marked_under_the_rules_that_have_one(browser, clinic, account) -> None:
    assert "từ mốc này gửi được tin hậu mãi" not in text(browser.get(page(account)))
    stand(clinic, policy="zalo-2024", daily_quota=5_000)
    shown = text(browser.get(page(account)))
    assert "20.000 từ mốc này gửi được tin hậu mãi" in shown
    assert "5.000 OA đang ở đây" in shown
    assert "bộ quy định Zalo 2024 đã hết" in shown


# --- the next judgement -------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "on", "window"),
    [
        ({}, 22, (15, 21)),
        ({"first_sent_on": date(2026, 11, 18)}, 26, (19, 25)),
        ({"quota_changed_on": date(2026, 11, 19)}, 26, (19, 25)),
        ({"quota_changed_on": date(2026, 11, 14)}, 22, (15, 21)),
    ],
)
def test_the_next_judgement_is_tomorrow_or_after_the_wait(clinic, account, changes, on: int, window) -> None:
    found = seen(stand(clinic, **changes)).judgement
    assert (found.on.day, found.days, (found.first.day, found.last.day)) == (on, on - 21, window)


@pytest.mark.parametrize(
    ("changes", "arrived", "goes", "says"),
    [
        ({"daily_quota": 10}, 20, ("up", 1_000), "lần tới OA lên mốc 1.000"),
        ({"daily_quota": 10}, 19, ("stay", 10), "Còn thiếu 1 tin."),
        ({"daily_quota": 10, "quality_7d": "MEDIUM"}, 20, ("stay", 10), "chưa được Zalo xếp loại tốt"),
        ({"daily_quota": 20_000, "quality_7d": "LOW"}, 20, ("down", 10_000), "lần tới OA xuống mốc 10.000"),
        ({"daily_quota": None}, 20, ("stay", None), "OA đang ở mốc cao nhất"),
        ({"daily_quota": None, "quality_7d": "LOW"}, 0, ("down", 50_000), "lần tới OA xuống mốc 50.000"),
    ],
)
def test_where_it_would_go_as_things_stand(browser, clinic, account, changes, arrived: int, goes, says: str) -> None:
    delivered(clinic, vn(15, 12), arrived - 1)
    delivered(clinic, vn(21, 8), 1)
    delivered(clinic, vn(14, 12), 50)  # the day before the window
    stand(clinic, **changes)
    judgement = seen(account).judgement
    assert (judgement.moves, judgement.after) == goes
    assert says in text(browser.get(page(account)))
    assert [rung.quota for rung in seen(account).rungs if rung.goes] == ([goes[1]] if goes[0] != "stay" else [])


def test_a_new_account_is_told_when_it_will_first_be_judged(browser, clinic) -> None:
    stand(clinic, first_sent_on=None)
    shown = text(browser.get(page(clinic.account)))
    assert "OA chưa gửi tin nào. Lần xét đầu tiên đến sau 8 ngày" in shown
    for empty in ("Chưa có báo xấu nào được ghi.", "Chưa đổi lần nào từ khi kết nối.", "Không có.", "chưa lần nào"):
        assert empty in shown


def test_what_our_rules_expected_is_shown_next_to_what_zalo_gives(browser, account) -> None:
    rows(account, 3, daily_quota=20_000, expected_quota=50_000)
    assert "lẽ ra OA ở mốc 50.000, nhưng Zalo đang cho 20.000" in text(browser.get(page(account)))
    change_quota(account, after=10_000, cause=QuotaChange.Cause.TOLD, at=vn(21, 10))
    assert "lẽ ra" not in text(browser.get(page(account)))


def test_agreement_with_the_rules_is_claimed_only_where_they_judged(browser, account) -> None:
    assert "khớp với quy định" not in text(browser.get(page(account)))
    rows(account, 1, daily_quota=20_000, expected_quota=20_000)
    assert "khớp với quy định" in text(browser.get(page(account)))


# --- templates, health, history -----------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quality": "LOW", "brake": Brake.SLOW}, "một số ít tin mỗi giờ, cho tới khi Zalo thôi xếp mẫu loại kém."),
        ({"quality": "LOW", "brake": Brake.HOLD_PROMOTION, "tag": 3}, "được giữ lại, không mất, cho tới khi Zalo"),
        ({"brake": Brake.ONLY_TRANSACTION, "tag": 1}, "Tin giao dịch vẫn gửi ngay."),
    ],
)
def test_a_template_that_is_poor_or_held_is_named_with_what_it_means(browser, clinic, account, changes, says) -> None:
    assert "Mẫu tin cần để ý" not in text(browser.get(page(account)))
    MessageTemplate.objects.filter(pk=clinic.template.pk).update(**changes)
    assert says in text(browser.get(page(account)))


def test_the_health_of_the_connection(browser, clinic, account) -> None:
    stand(
        clinic,
        token_expires_at=vn(22, 9),
        synced_at=vn(21, 10),
        forged_minutes=3,
        forged_at=vn(20, 8),
        package_name="Gói Nâng cao",
        package_until=date(2026, 11, 20),
    )
    shown = text(browser.get(page(account)))
    for fact in (
        "dùng đến 09:00 22/11/2026",
        "10:00 21/11/2026",
        "3 lần cuối lúc 08:00 20/11/2026",
        "Gói Nâng cao · đến 20/11/2026 đã hết hạn",
    ):
        assert fact in shown


def test_sixty_days_are_drawn_with_a_table_beside_them(browser, account) -> None:
    rows(account, 70, daily_quota=20_000, expected_quota=20_000)
    change_quota(account, after=10_000, cause=QuotaChange.Cause.PENALTY, at=vn(20, 15))
    answer = browser.get(page(account))
    body = answer.content.decode()
    assert body.count('class="bar "') == body.count('class="bar bad"') == 60
    assert body.count('<th scope="row"') == 60
    assert "22/09/2026 – 20/11/2026" in text(answer)
    assert "20.000 → 10.000 15:00 20/11/2026 · Phạt: báo xấu vượt 2% hạn mức ngày" in text(answer)
    assert "<script>" not in body
    assert "style=" not in body


def test_htmx_asks_for_what_changes_by_the_hour_and_leaves_the_form_alone(browser, account) -> None:
    piece = browser.get(page(account), **HTMX).content.decode()
    assert "Báo xấu hôm nay" in piece
    assert "<form" not in piece


def test_the_page_asks_as_much_of_a_long_history_as_of_none(browser, clinic, account) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(page(account))
        return len(queries)

    before = asked()
    rows(account, 60, daily_quota=20_000, expected_quota=20_000)
    for number in range(5):
        make_template(account, template_id=f"80{number}", quality="LOW")
        enter(browser, account, number + 1)
    assert asked() <= before + 1  # the flash that the entries left


# --- the first page -----------------------------------------------------------


def test_the_first_page_names_a_braked_and_a_punished_account(browser, clinic, account) -> None:
    enter(browser, account, 201)
    watch.hourly(account, clinic.clock)
    shown = text(browser.get("/"))
    assert "có 201 báo xấu hôm nay nên đang hãm: giữ tin hậu mãi." in shown
    enter(browser, account, 200)
    clinic.clock.moment = vn(21, 11)
    watch.hourly(account, clinic.clock)
    shown = browser.get("/")
    assert "bị phạt ngày 21/11, hạn mức còn 10.000 tin một ngày." in text(shown)
    assert f'href="{page(account)}"' in shown.content.decode()


@pytest.mark.parametrize(("day", "is_told"), [(14, False), (15, True), (21, True)])
def test_a_penalty_is_told_for_as_long_as_the_account_may_not_climb(browser, clinic, account, day, is_told) -> None:
    stand(clinic, penalised_on=date(2026, 11, day))
    assert ("bị phạt ngày" in text(browser.get("/"))) == is_told


def test_the_connections_page_leads_here(browser, account) -> None:
    assert f'href="{page(account)}"' in browser.get("/connections/").content.decode()


@pytest.mark.parametrize(
    ("brake", "closed", "is_slowed"),
    [
        (Brake.SLOW, "", True),
        (Brake.HOLD_PROMOTION, "Tin hậu mãi", True),
        (Brake.ONLY_TRANSACTION, "Tin chăm sóc và hậu mãi", False),
    ],
)
def test_the_quota_page_names_what_the_brake_holds_before_a_quota(browser, clinic, account, brake, closed, is_slowed):
    MessageTemplate.objects.update(brake=Brake.HOLD_PROMOTION)
    stand(clinic, brake=brake)
    shown = text(browser.get("/quota/"))
    assert (f"Cửa đang đóng: {closed} , đến nửa đêm." in shown) == bool(closed)
    assert ("Cửa gần đầy nhất" in shown) != bool(closed)
    [quota] = gates.quota_page(workspace=clinic.workspace, now=vn(21, 11))
    assert [line.rule for line in quota.lines].count("brake_slow") == is_slowed
