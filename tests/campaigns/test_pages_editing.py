"""Thư viện mẫu → Khởi tạo mẫu → edit → Kích hoạt, as a person does it; and every field shows what was saved."""

from __future__ import annotations

import pytest
import time_machine

from campaigns.definition import Definition
from campaigns.models import Campaign, CampaignGroup
from campaigns.states import CampaignState
from datahub.models import Source
from tests import factories
from tests.accounts.browser import HTMX, form, text
from tests.campaigns.story import make_account, make_template, vn

ENTRY = "/library/cham-soc-sau-lieu-trinh/"


def page_of(campaign):
    return f"/campaigns/{campaign.pk}/"


def send_and_follow(browser, address, sent=None):
    return browser.post(address, sent or {}, follow=True)


def test_from_the_library_to_an_active_campaign(browser, workspace):
    template = make_template(make_account(workspace))
    library = browser.get("/library/", {"q": "hoan tat lieu trinh"}, **HTMX)
    assert ENTRY in library.content.decode()
    assert ENTRY not in browser.get("/library/", {"q": "không có mẫu này"}, **HTMX).content.decode()

    entry = browser.get(ENTRY)
    assert "Sử dụng mẫu" in text(entry)
    assert "Hôm nay bạn cảm thấy thế nào rồi?" in text(entry)
    opened = send_and_follow(browser, f"{ENTRY}use/", form(entry, action=f"{ENTRY}use/"))
    group = CampaignGroup.objects.get()
    assert opened.redirect_chain[-1][0] == f"/campaigns/?open={group.pk}#group-{group.pk}"
    assert opened.content.decode().count(" open>") == 1

    sync, send = group.campaigns.all()
    assert "Phễu dữ liệu và hành động đã được thiết lập sẵn" in text(browser.get(page_of(sync)))
    assert "Đã kích hoạt" in text(send_and_follow(browser, f"{page_of(sync)}activate/"))

    refused = send_and_follow(browser, f"{page_of(send)}activate/")
    assert "Chưa chọn mẫu tin ZNS cho bước gửi tin." in text(refused)
    sent = form(browser.get(page_of(send)), id="setup")
    saved = send_and_follow(browser, page_of(send), sent | {"step-send-1-template": str(template.pk)})
    assert "Đã lưu phiên bản 2." in text(saved)
    assert "Đã kích hoạt" in text(send_and_follow(browser, f"{page_of(send)}activate/"))
    assert {campaign.state for campaign in group.campaigns.all()} == {CampaignState.ACTIVE}
    assert "Tạm dừng" in text(browser.get(page_of(send)))


def test_using_a_template_again_says_that_a_visit_still_gets_one_message(browser, clinic):
    assert "mỗi lượt khám vẫn chỉ nhận một tin" in text(browser.get(ENTRY))


TRIGGERS = [
    {"kind": "schedule", "at": "19:05", "days": [0, 6]},
    {"kind": "schedule", "at": "00:00", "days": [0, 1, 2, 3, 4, 5, 6]},
    {"kind": "record_changed", "field": "status", "to": "Đã hoàn thành"},
]
FILTERS = [
    {"all": []},
    {"field": "status", "op": "eq", "value": "Đã hoàn thành"},
    {
        "all": [
            {"field": "service", "op": "in", "values": ["Nhổ răng", "Niềng răng"]},
            {"field": "doctor", "op": "filled"},
        ]
    },
    {"any": [{"field": "service", "op": "ne", "value": "Khám"}, {"all": []}]},
]
DELAYS = [
    {"minutes": 0, "anchor": "enrolled"},
    {"minutes": 90, "anchor": "completed_at"},
    {"minutes": 120, "anchor": "enrolled"},
    {"minutes": 3 * 1440, "anchor": "next_visit_date"},
]


def whole(clinic, *, trigger=TRIGGERS[0], tree=FILTERS[1], delay=DELAYS[2], hours=36):
    """A definition with these parts and the clinic's template."""
    params = {name: {"field": name} for name in ("customer_name", "customer_id")}
    send = {
        "kind": "send",
        "key": "send-1",
        "template": clinic.template.pk,
        "useful_hours": hours,
        "params": params | {"shop_name": {"field": "shop_name", "value": "Cơ sở “1” & 2"}},
    }
    wait = {"kind": "delay", "key": "wait-1", **delay}
    return Definition.model_validate({"trigger": trigger, "filter": tree, "steps": [wait, send]})


PARTS = [
    *({"trigger": trigger} for trigger in TRIGGERS),
    *({"tree": tree} for tree in FILTERS),
    *({"delay": delay} for delay in DELAYS),
    {"hours": 744},
]


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_saving_a_page_as_it_stands_changes_nothing(part, browser, clinic):
    definition = whole(clinic, **part)
    clinic.set_definition(clinic.send, **dict(definition))
    page = page_of(clinic.send)
    saved = send_and_follow(browser, page, form(browser.get(page), id="setup"))
    assert "Không có gì thay đổi." in text(saved)
    clinic.send.refresh_from_db()
    assert Campaign.objects.get(pk=clinic.send.pk).definition == definition


CHANGES = [
    ({"trigger-at": "18:45"}, lambda it: f"{it.trigger.at:%H:%M}", "18:45"),
    ({"trigger-at": "7h30"}, lambda it: f"{it.trigger.at:%H:%M}", "07:30"),
    ({"trigger-days": ["0", "2"]}, lambda it: it.trigger.days, (0, 2)),
    ({"trigger-kind": "record_changed"}, lambda it: (it.trigger.field, it.trigger.to), ("status", "Đã hoàn thành")),
    ({"filter-0-field": ""}, lambda it: it.filter.model_dump(), {"all": ()}),
    ({"filter-0-value": "Hủy"}, lambda it: it.filter.value, "Hủy"),
    ({"filter-1-field": "service", "filter-1-value": "Khám"}, lambda it: len(it.filter.all), 2),
    ({"step-wait-1-amount": "3", "step-wait-1-unit": "1440"}, lambda it: it.steps[0].minutes, 4320),
    ({"step-wait-1-anchor": "next_visit_date"}, lambda it: it.steps[0].anchor, "next_visit_date"),
    ({"step-send-1-useful_hours": "5"}, lambda it: it.sends[0].useful_hours, 5),
    ({"step-send-1-field:shop_name": ""}, lambda it: it.sends[0].params["shop_name"].field, ""),
    ({"step-send-1-value:shop_name": "Q1"}, lambda it: it.sends[0].params["shop_name"].value, "Q1"),
]


@pytest.mark.parametrize(("typed", "read", "expected"), CHANGES, ids=[str(typed) for typed, _, _ in CHANGES])
def test_each_field_is_saved_and_shown_again(typed, read, expected, browser, clinic):
    page = page_of(clinic.send)
    saved = send_and_follow(browser, page, form(browser.get(page), id="setup") | typed)
    assert "Đã lưu phiên bản 3." in text(saved)
    assert read(Campaign.objects.get(pk=clinic.send.pk).definition) == expected
    again = send_and_follow(browser, page, form(saved, id="setup"))
    assert "Không có gì thay đổi." in text(again)


WRONG = [
    ({"trigger-at": "25:00"}, "Nhập giờ dạng HH:MM"),
    ({"trigger-days": []}, "Trường này là bắt buộc."),
    ({"step-wait-1-amount": "400", "step-wait-1-unit": "1440"}, "Trì hoãn dài nhất là 366 ngày."),
    ({"step-send-1-useful_hours": "0"}, "lớn hơn hoặc bằng với 1"),
    ({"step-send-1-template": ""}, "Trường này là bắt buộc."),
    ({"step-send-1-field:customer_name": ""}, "Chọn trường hoặc ghi chữ cố định."),
]


@pytest.mark.parametrize(("typed", "answer"), WRONG, ids=str)
def test_a_wrong_field_is_marked_and_nothing_is_saved(typed, answer, browser, clinic):
    page = page_of(clinic.send)
    refused = browser.post(page, form(browser.get(page), id="setup") | typed)
    assert refused.status_code == 200
    assert "Chưa lưu." in text(refused)
    assert answer in text(refused)
    assert clinic.send.versions.count() == 2


def test_saving_tells_which_visits_keep_the_old_version(browser, clinic):
    clinic.visit()
    clinic.at(vn(21, 9))
    page = page_of(clinic.send)
    shown = browser.get(page)
    assert "1 lượt đang chờ sẽ giữ phiên bản cũ." in text(shown)
    assert "1 chờ" in text(shown)
    saved = send_and_follow(browser, page, form(shown, id="setup") | {"trigger-at": "10:00"})
    assert "1 lượt đang chờ vẫn theo phiên bản cũ" in text(saved)


def test_choosing_another_template_shows_its_parameters(browser, clinic):
    other = make_template(
        clinic.account, template_id="7002", name="Mã giảm giá", params=[{"name": "phone"}, {"name": "ma"}]
    )
    asked = {"step-send-1-template": str(other.pk)}
    fragment = browser.get(f"{page_of(clinic.send)}steps/send-1/params/", asked, **HTMX)
    assert "customer_name" not in text(fragment).split("ma ")[0]
    shown = form_fields(fragment)
    assert shown["step-send-1-field:phone"] == ["phone"]
    assert shown["step-send-1-field:ma"] == [""]


def form_fields(fragment):
    """The fields of a fragment, as the form around it would send them."""
    fragment.content = b"<form id=around>" + fragment.content + b"</form>"
    return form(fragment, id="around")


def test_reminders_are_added_while_nothing_runs(browser, clinic):
    page = page_of(clinic.send)
    assert "Tạm dừng trước khi thêm lần nhắc" in text(send_and_follow(browser, f"{page}reminders/"))
    assert "được giữ nguyên, không mất" in text(send_and_follow(browser, f"{page}pause/"))
    send_and_follow(browser, f"{page}reminders/")
    first, second = Campaign.objects.get(pk=clinic.send.pk).definition.sends
    assert (first.key, second.template) == ("send-1", None)
    refused = send_and_follow(browser, f"{page}activate/")
    assert "Cần xong trước khi chạy tiếp" in text(refused)
    send_and_follow(browser, f"{page}steps/{second.key}/remove/")
    assert len(Campaign.objects.get(pk=clinic.send.pk).definition.steps) == 2
    assert browser.post(f"{page}steps/send-1/remove/").status_code == 404


def test_a_sync_campaign_is_not_edited(browser, clinic):
    assert browser.post(page_of(clinic.sync), {}).status_code == 403


def test_a_save_from_a_page_that_somebody_else_overtook_is_refused(browser, clinic):
    page = page_of(clinic.send)
    mine, theirs = (form(browser.get(page), id="setup") for _ in range(2))
    send_and_follow(browser, page, theirs | {"trigger-at": "18:45"})
    refused = browser.post(page, mine | {"trigger-at": "07:30"})
    assert "sửa ở cửa sổ khác (phiên bản 3). Mở lại rồi sửa tiếp." in text(refused)
    assert form(refused, id="setup")["version"] == ["2"]
    again = browser.post(page, form(refused, id="setup"))
    assert "sửa ở cửa sổ khác" in text(again)
    gone = send_and_follow(browser, f"{page}steps/send-1/remove/", mine)
    assert "sửa ở cửa sổ khác" in text(gone)
    assert form(browser.get(page), id="setup")["trigger-at"] == ["18:45"]
    assert clinic.send.versions.count() == 3


def test_the_button_of_a_paused_campaign_says_that_it_goes_on(browser, clinic):
    sync, send = page_of(clinic.sync), page_of(clinic.send)
    assert "rồi bấm Kích hoạt" not in text(browser.get(sync))
    for page in (sync, send):
        paused = text(send_and_follow(browser, f"{page}pause/"))
        assert "Chạy tiếp" in paused
        assert "rồi bấm Kích hoạt" not in paused


def test_old_visits_are_told_of_even_while_something_is_missing(browser, workspace):
    entry = browser.get(ENTRY)
    send_and_follow(browser, f"{ENTRY}use/", form(entry, action=f"{ENTRY}use/"))
    send = CampaignGroup.objects.get().campaigns.last()
    sync = CampaignGroup.objects.get().campaigns.first()
    send_and_follow(browser, f"{page_of(sync)}activate/")
    factories.make_record(Source.objects.get(), now=vn(1, 9))
    with time_machine.travel(vn(20, 9), tick=False):
        page = text(browser.get(page_of(send)))
    assert "Cần xong trước khi Kích hoạt" in page
    assert "1 lượt khám đã hoàn thành hơn một ngày trước sẽ không được nhắn" in page
