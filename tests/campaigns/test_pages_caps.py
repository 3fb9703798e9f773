"""Giới hạn số tin cho mỗi khách: what is typed is what the guard goes by, and the page says what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import AuditEntry, User
from campaigns.models import FrequencyCap
from tests.campaigns.story import Clinic

PAGE = "/quota/caps/"


def caps() -> set[tuple[int, str, int]]:
    return set(FrequencyCap.objects.values_list("tag", "period", "limit"))


def save(browser: Browser, **cells: Any) -> Any:
    return browser.post(PAGE, {f"caps-{name}": value for name, value in cells.items()}, follow=True)


def test_what_is_typed_is_kept_and_shown_again(browser: Browser, clinic: Clinic, owner: User) -> None:
    answer = save(browser, tag2_day="1", tag2_week="3", tag3_month="4")
    assert "Đã lưu giới hạn" in answer.content.decode()
    assert caps() == {(2, "day", 1), (2, "week", 3), (3, "month", 4)}
    shown = browser.get(PAGE).content.decode()
    assert 'name="caps-tag2_week" value="3"' in shown
    assert 'name="caps-tag1_day" min' in shown
    entry = AuditEntry.objects.get(action="caps.set")
    assert (entry.actor, entry.facts) == (owner, {"caps": {"tag2 day": 1, "tag2 week": 3, "tag3 month": 4}})


def test_an_emptied_cell_ends_the_cap(browser: Browser) -> None:
    save(browser, tag2_day="1", tag2_week="3")
    save(browser, tag2_day="", tag2_week="2")
    assert caps() == {(2, "week", 2)}


def test_saving_the_same_again_is_no_change(browser: Browser) -> None:
    save(browser, tag2_day="1")
    save(browser, tag2_day="1")
    assert AuditEntry.objects.filter(action="caps.set").count() == 1


@pytest.mark.parametrize(
    "cells", [{"tag2_day": "0"}, {"tag2_day": "-1"}, {"tag2_day": "nhiều"}, {"tag2_day": "100"}, {"tag2_day": "1.5"}]
)
def test_a_number_that_is_none_is_refused(browser: Browser, cells: dict[str, str]) -> None:
    answer = save(browser, **cells)
    assert "errorlist" in answer.content.decode()
    assert caps() == set()


@pytest.mark.parametrize("cells", [{"tag2_day": "3", "tag2_week": "2"}, {"tag2_day": "3", "tag2_month": "2"}])
def test_a_longer_period_may_not_allow_less(browser: Browser, cells: dict[str, str]) -> None:
    assert "Không được ít hơn giới hạn của khoảng ngắn hơn" in save(browser, **cells).content.decode()
    assert caps() == set()


@pytest.mark.parametrize(("rules", "is_told"), [("zalo-2024", True), ("zalo-2026", False)])
def test_rules_that_do_not_cover_today_are_pointed_out(
    browser: Browser, clinic: Clinic, rules: str, is_told: bool
) -> None:
    clinic.account.policy = rules
    clinic.account.save()
    sentence = f"bộ quy định {rules.replace('zalo-', 'Zalo ')} đã hết hoặc chưa có hiệu lực"
    assert (sentence in browser.get("/quota/").content.decode()) == is_told
