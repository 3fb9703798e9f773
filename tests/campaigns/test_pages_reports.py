"""Số báo xấu: how near the penalty is, and what happens when a person enters or takes back reports."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine

from campaigns.models import ReportCount
from campaigns.standing import watch
from integrations.base import Brake
from integrations.models import OfficialAccount
from tests.accounts.browser import as_, form, text
from tests.campaigns.standings import enter, page, seen, stand
from tests.campaigns.story import Clinic, due, make_account, make_template, vn


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


def test_the_marks_of_a_day_say_how_many_more_it_takes(browser, account) -> None:
    enter(browser, account, 150)
    found = seen(account).reports
    assert found.marks == [
        (Brake.SLOW, 101, 0),
        (Brake.HOLD_PROMOTION, 201, 51),
        (Brake.ONLY_TRANSACTION, 301, 151),
        (None, 401, 251),
    ]
    shown = text(browser.get(page(account)))
    assert "Gửi chậm lại từ 101 · đã tới" in shown
    assert "Zalo phạt: xuống một mốc từ 401 · còn 251 nữa" in shown
    assert "Mỗi giờ tối đa 1.000 tin." in shown


def test_an_unlimited_account_has_no_marks(browser, clinic, account) -> None:
    stand(clinic, daily_quota=None)
    shown = browser.get(page(account))
    assert "không tính được bao nhiêu báo xấu thì bị phạt" in text(shown)
    assert 'class="scale"' not in shown.content.decode()


def test_entered_reports_brake_at_once_and_are_listed_with_who_told_them(browser, clinic, account, owner) -> None:
    answer = text(enter(browser, account, 201, clinic.template.pk))
    assert "Đã ghi báo xấu. Giữ tin hậu mãi:" in answer
    assert f"+201 Hỏi thăm sau khám 11:00 · {owner}" in answer
    assert "Mẫu tin cần để ý Hỏi thăm sau khám" in answer
    assert "Tin của mẫu này được giữ lại, không mất, cho tới nửa đêm." in answer
    account.refresh_from_db()
    assert (account.brake, ReportCount.objects.get().entered_by) == (Brake.HOLD_PROMOTION, owner)


def test_undo_takes_back_the_newest_entry_once(browser, account) -> None:
    enter(browser, account, 150)
    enter(browser, account, 100)
    first, last = ReportCount.objects.order_by("id")
    undo = f"{page(account)}reports/{last.pk}/undo/"
    assert f"{page(account)}reports/{first.pk}/undo/" not in browser.get(page(account)).content.decode()
    for _ in range(2):
        answer = browser.post(undo, follow=True)
    assert "Không hoàn tác được" in text(answer)
    assert seen(account).reports.total == 150
    account.refresh_from_db()
    assert account.brake == Brake.SLOW


def undo(browser, account) -> str:
    """Press the one Hoàn tác there is; what the page says then."""
    [target] = re.findall(r'action="([^"]+/undo/)"', browser.get(page(account)).content.decode())
    return text(browser.post(target, follow=True))


def test_undo_steps_back_over_every_entry_until_none_is_left(browser, account) -> None:
    enter(browser, account, 110)
    enter(browser, account, 200)
    undo(browser, account)
    assert seen(account).reports.total == 110
    assert "Đã hoàn tác." in undo(browser, account)
    assert seen(account).reports.total == 0
    assert "/undo/" not in browser.get(page(account)).content.decode()
    enter(browser, account, 7)
    undo(browser, account)
    assert seen(account).reports.total == 0


def test_what_a_correction_took_from_an_entry_is_not_taken_twice(browser, account) -> None:
    enter(browser, account, 110)
    enter(browser, account, -5)
    assert "/undo/" not in browser.get(page(account)).content.decode()
    assert not watch.take_back(
        account=account, entry_id=ReportCount.objects.earliest("id").pk, actor=None, now=vn(21, 11)
    )
    assert seen(account).reports.total == 105


def test_each_template_is_taken_back_from_its_own(browser, clinic, account) -> None:
    enter(browser, account, 8, clinic.template.pk)
    enter(browser, account, 8)
    for left in ([("", 0), ("t", 8)], [("", 0), ("t", 0)]):
        undo(browser, account)
        sums = {"": ReportCount.objects.filter(template=None), "t": ReportCount.objects.exclude(template=None)}
        assert [(name, sum(entry.count for entry in found)) for name, found in sums.items()] == left


def test_the_entry_to_take_back_is_listed_however_far_back_it_is(browser, account) -> None:
    for _ in range(7):
        enter(browser, account, 3)
    for _ in range(7):
        undo(browser, account)
    assert seen(account).reports.total == 0


def test_yesterdays_entry_is_not_undone(browser, account) -> None:
    watch.enter_reports(account=account, template=None, count=9, actor=None, now=vn(20, 23))
    entry = ReportCount.objects.get()
    assert "Không hoàn tác được" in text(browser.post(f"{page(account)}reports/{entry.pk}/undo/", follow=True))
    assert ReportCount.objects.count() == 1


@pytest.mark.parametrize(
    ("count", "says"),
    [
        ("0", "Nhập một số khác 0."),
        ("-6", "chưa ghi nhiều báo xấu đến thế"),
        ("nhiều", ""),
        ("", ""),
        ("100001", "Tối đa 100.000."),
        ("-100001", "Tối thiểu -100.000."),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_with_what_was_typed(browser, account, count: str, says: str) -> None:
    enter(browser, account, 5)
    answer = enter(browser, account, count)
    assert says in text(answer)
    assert 'class="errorlist"' in answer.content.decode()
    assert form(answer, action=f"{page(account)}reports/")["reports-count"] == [count]
    assert seen(account).reports.total == 5


def test_a_template_of_another_account_cannot_be_blamed(browser, workspace, account) -> None:
    theirs = make_template(make_account(workspace, oa_id="oa-khác"), template_id="9")
    assert 'class="errorlist"' in enter(browser, account, 5, theirs.pk).content.decode()
    assert not ReportCount.objects.exists()


def test_who_may_only_look_sees_no_form(viewer, account) -> None:
    shown = as_(viewer).get(page(account)).content.decode()
    assert "Nhập số báo xấu" in shown
    assert "/reports/" not in shown
