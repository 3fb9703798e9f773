"""The filter in a campaign's editor: nested, edited with and without scripts, and refused where it does not fit the table."""

from __future__ import annotations

import logging
from datetime import UTC

import pytest
import time_machine

from campaigns import activation
from campaigns.models import Campaign, Occurrence
from datahub.conditions import AllOf, AnyOf, Condition, NoneOf
from tests.accounts.browser import as_, form, text
from tests.campaigns.story import vn


@pytest.fixture
def page(clinic):
    """The editor's address."""
    return f"/campaigns/{clinic.send.pk}/"


def now_filtered(clinic):
    return Campaign.objects.get(pk=clinic.send.pk).definition.filter


IS_DONE = Condition(field="status", op="eq", value="Đã hoàn thành")
NAMED = Condition(field="doctor", op="filled")


def deep(service):
    """Four groups, one in another."""
    asked = Condition(field="service", op="eq", value=service)
    return AllOf(all=(IS_DONE, AnyOf(any=(NAMED, NoneOf(none=(AllOf(all=(NAMED, asked)),))))))


def test_a_nested_filter_is_made_in_the_editor(browser, clinic, page):
    sent = form(browser.get(page), id="setup")
    grown = form(browser.post(page, sent | {"filter-do": "group:filter"}), id="setup")
    assert grown["filter-1-kind"] == ["any"]
    typed = {
        "filter-1-0-field": "visit_date",
        "filter-1-0-op": "within_last",
        "filter-1-0-value": "30",
        "filter-1-1-field": "service",
        "filter-1-1-op": "contains",
        "filter-1-1-value": "rang",
    }
    saved = browser.post(page, grown | typed, follow=True)
    assert "Đã lưu phiên bản 3." in text(saved)
    recent = Condition(field="visit_date", op="within_last", value="30")
    teeth = Condition(field="service", op="contains", value="rang")
    assert now_filtered(clinic) == AllOf(all=(IS_DONE, AnyOf(any=(recent, teeth))))
    assert "(Ngày khám trong 30 ngày qua hoặc Dịch vụ có chứa rang)" in text(saved)


def test_a_button_of_the_filter_saves_nothing_and_keeps_what_was_typed_elsewhere(browser, clinic, page):
    sent = form(browser.get(page), id="setup") | {"trigger-at": "18:45", "filter-do": "add:filter"}
    shown = browser.post(page, sent)
    assert shown.status_code == 200
    assert "Chưa lưu" not in text(shown)
    again = form(shown, id="setup")
    assert (again["trigger-at"], again["filter-1-field"]) == (["18:45"], [""])
    assert clinic.send.versions.count() == 2


def test_the_deepest_old_filter_is_shown_whole_and_kept(browser, clinic, page):
    clinic.set_definition(clinic.send, filter=deep("a"))
    shown = form(browser.get(page), id="setup")
    assert shown["filter-1-1-0-1-value"] == ["a"]
    assert "Không có gì thay đổi." in text(browser.post(page, shown, follow=True))
    browser.post(page, shown | {"filter-1-1-0-1-value": "b"})
    assert now_filtered(clinic) == deep("b")


def test_a_wrong_filter_is_marked_and_nothing_is_saved(browser, clinic, page):
    sent = form(browser.get(page), id="setup") | {"filter-0-value": ""}
    refused = browser.post(page, sent)
    assert "Chưa lưu." in text(refused)
    assert "Trạng thái: chưa có giá trị" in text(refused)
    assert clinic.send.versions.count() == 2


def test_who_may_only_look_reads_the_filter_and_is_offered_no_button(clinic, page, viewer):
    body = as_(viewer).get(page).content.decode()
    assert "filter-do" not in body.replace('hx-vals=\'{"filter-do"', "")
    assert as_(viewer).post(page, {"filter-do": "add:filter"}).status_code == 403


GONE = AllOf(all=(IS_DONE, Condition(field="khong_con", op="ne", value="x")))


def test_a_filter_about_a_field_that_is_gone_selects_nobody_and_says_so(browser, clinic, page, caplog):
    record = clinic.visit()
    clinic.set_definition(clinic.send, filter=GONE)
    assert GONE.matches(record.values, vn(21).date())
    with caplog.at_level(logging.WARNING, logger="campaigns.fitting"):
        clinic.at(vn(21, 9))
    assert clinic.send.enrollments.count() == 0
    assert Occurrence.objects.get(campaign=clinic.send).state == Occurrence.State.RAN
    assert "no field khong_con" in caplog.text
    with time_machine.travel(vn(21, 10), tick=False):
        assert "Bảng không còn trường “khong_con”" in text(browser.get(page))


def test_a_campaign_whose_filter_does_not_fit_is_not_started(clinic, owner):
    clinic.set_definition(clinic.send, filter=GONE)
    activation.pause(campaign=clinic.send, actor=owner, now=vn(21))
    refused = activation.activate(campaign=Campaign.objects.get(pk=clinic.send.pk), actor=owner, now=vn(21))
    assert ["khong_con" in str(problem.message) for problem in refused] == [True]


def test_a_relative_day_is_counted_in_vietnam(clinic):
    """Six in the morning of the 21st is still the 20th in UTC."""
    today = Condition(field="visit_date", op="within_last", value="0")
    clinic.set_definition(clinic.send, filter=today, trigger={"kind": "schedule", "at": "06:00"})
    clinic.visit(Ngày_khám="21/11/2026")
    clinic.visit(Mã_khách_hàng="KH002", Ngày_khám="20/11/2026")
    clinic.at(vn(21, 6).astimezone(UTC))
    assert [each.record.values["visit_date"] for each in clinic.send.enrollments.all()] == ["2026-11-21"]
