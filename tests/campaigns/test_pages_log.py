"""What happened and why: the overview, the message log, a visit's story, runs, quota, connections."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from campaigns.models import Message
from integrations.base import Refused, Scope
from integrations.models import OfficialAccount
from integrations.zalo import template_sync
from integrations.zalo.api import ZaloDidNotAnswer
from tests.accounts.browser import HTMX, text
from tests.campaigns.story import vn

OTHER = {"Mã_khách_hàng": "KH002", "Họ_và_tên": "Trần Bình", "Số_điện_thoại": "0987654321"}


@pytest.fixture
def sent(clinic):
    """One message that went out at 11:00, and one that Zalo refused."""
    clinic.channel.tell("84987654321", Refused("not_on_zalo", Scope.RECIPIENT))
    records = clinic.visit(), clinic.visit(**OTHER)
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    return records


def test_the_log_shows_every_message_with_its_times_and_the_reason_of_those_not_sent(browser, sent):
    page = text(browser.get("/messages/"))
    for shown in ("Nguyễn Thị Hoa", "Trần Bình", "Hỏi thăm sau khám", "11:00 21/11/2026", "Đã gửi", "Bị từ chối"):
        assert shown in page
    assert "Số điện thoại không dùng Zalo hoặc không nhận được tin." in page


@pytest.mark.parametrize(
    ("way", "badge"), [("zns", ""), ("sms", "SMS"), ("uid", "Mẫu tin qua UID"), ("chat", "Tin tư vấn (UID)")]
)
def test_the_log_names_every_way_but_the_usual_one(browser, sent, way, badge):
    Message.objects.update(channel=way)
    [named] = {*re.findall(r'badge plain nowrap">([^<]+)<', browser.get("/messages/").content.decode())} or {""}
    assert named == badge


FILTERS = [
    ({"state": "failed"}, ["Trần Bình"]),
    ({"state": "sent"}, ["Nguyễn Thị Hoa"]),
    ({"q": "tran binh"}, ["Trần Bình"]),
    ({"q": "KH001"}, ["Nguyễn Thị Hoa"]),
    ({"q": "0987 654 321"}, ["Trần Bình"]),
    ({"day": "2026-11-21"}, ["Nguyễn Thị Hoa", "Trần Bình"]),
    ({"day": "2026-11-22"}, []),
    ({"state": "không có", "day": "hôm qua", "campaign": "x"}, ["Nguyễn Thị Hoa", "Trần Bình"]),
]


@pytest.mark.parametrize(("asked", "found"), FILTERS, ids=str)
def test_the_log_is_narrowed(asked, found, browser, sent):
    page = text(browser.get("/messages/", asked, **HTMX))
    assert [name for name in ("Nguyễn Thị Hoa", "Trần Bình") if name in page] == found


def test_the_log_of_one_campaign(browser, sent, clinic):
    assert "Trần Bình" in text(browser.get("/messages/", {"campaign": clinic.send.pk}, **HTMX))
    assert "Trần Bình" in text(browser.get(f"/campaigns/{clinic.send.pk}/messages/"))


def test_one_message_tells_its_history(browser, sent):
    message = Message.objects.get(state="failed")
    row = browser.get(f"/messages/{message.pk}/", **HTMX)
    assert row.content.decode().lstrip().startswith("<tr")
    for shown in ("Tạo tin", "Bị từ chối", "Số điện thoại không dùng Zalo", "customer_name", message.tracking_id):
        assert shown in text(row)
    assert "Trần Bình" in text(browser.get(f"/messages/{message.pk}/"))


def test_the_sums_of_a_campaign_are_shown_and_close(browser, sent, clinic):
    page = text(browser.get(f"/campaigns/{clinic.send.pk}/"))
    assert "2 đã chọn = 0 đang chờ + 2 đã qua hết các bước" in page
    assert "Tin: 2 = 0 chờ gửi + 1 đã gửi" in page
    assert "số liệu khớp" in page
    assert "chưa khớp" not in page


def test_the_list_opens_its_only_group_and_counts_each_campaign(browser, sent, clinic):
    clinic.visit(Mã_khách_hàng="KH003", Số_điện_thoại="0900000003")
    clinic.at(vn(22, 9))
    page = browser.get("/campaigns/")
    assert page.content.decode().count(" open>") == 1
    assert "Đồng bộ dữ liệu từ Google Sheet về Data Hub Đang chạy Khi Google Sheet gửi dòng" in text(page)
    assert "Gửi tin nhắn ZNS Đang chạy Mỗi ngày lúc 09:00 3 1 1 1" in text(page)


def test_runs_and_waiting_visits_show_planned_times(browser, clinic):
    clinic.visit()
    clinic.at(vn(21, 9))
    runs = text(browser.get(f"/campaigns/{clinic.send.pk}/runs/"))
    assert "09:00 21/11/2026" in runs
    visits = text(browser.get(f"/campaigns/{clinic.send.pk}/visits/"))
    assert "Đang chờ" in visits
    assert "11:00 21/11/2026" in visits


def story(browser, record, now):
    with time_machine.travel(now, tick=False):
        return text(browser.get(f"/hub/records/{record.pk}/"))


def test_a_visit_says_why_it_has_no_message_yet(browser, clinic):
    record = clinic.visit(Trạng_thái="Đang điều trị")
    assert "Chưa đúng điều kiện lọc: Trạng thái là Đã hoàn thành." in story(browser, record, vn(20, 15))
    done = clinic.visit(**OTHER)
    assert "sẽ được chọn ở lượt chạy 09:00 21/11/2026" in story(browser, done, vn(20, 15))
    clinic.at(vn(21, 9))
    assert "Đang trì hoãn, bước tiếp theo lúc 11:00 21/11/2026." in story(browser, done, vn(21, 10))
    browser.post(f"/campaigns/{clinic.send.pk}/pause/")
    assert "đang tạm dừng nên lượt khám được giữ lại" in story(browser, done, vn(21, 10))


def test_a_waiting_visit_that_no_longer_matches_says_that_it_will_leave(browser, clinic):
    record = clinic.visit()
    clinic.at(vn(21, 9))
    clinic.visit(row_id=record.row_id, Trạng_thái="Đang điều trị")
    page = story(browser, record, vn(21, 10))
    assert "Không còn đúng điều kiện lọc; sẽ bị loại lúc 11:00 21/11/2026 nếu không đổi lại." in page
    assert "Đang trì hoãn" not in page


def test_one_code_typed_for_two_people_shows_each_by_the_name_of_the_visit(browser, clinic):
    clinic.visit()
    clinic.visit(Họ_và_tên="Trần Bình", Số_điện_thoại="0987654321")
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    send = f"/campaigns/{clinic.send.pk}"
    for address in ("/messages/", f"{send}/visits/", f"{send}/messages/"):
        page = text(browser.get(address))
        assert "Nguyễn Thị Hoa KH001" in page
        assert "Trần Bình KH001" in page
    message = Message.objects.get(phone="84987654321")
    assert "Trần Bình" in text(browser.get(f"/messages/{message.pk}/"))


def test_only_closed_groups_need_the_arrow(browser, clinic):
    assert "Bấm dấu mũi tên" not in text(browser.get("/campaigns/"))
    another = clinic.send.group
    another.pk = None
    another.save()
    assert "Bấm dấu mũi tên" in text(browser.get("/campaigns/"))


def test_a_visit_from_before_the_campaign_says_so(browser, clinic):
    clinic.clock.moment = vn(18, 9)
    assert "từ trước khi chiến dịch được kích hoạt" in story(browser, clinic.visit(), vn(20, 15))


def test_a_visit_with_a_message_says_when_and_why_not(browser, sent):
    good, refused = sent
    assert "gửi lúc 11:00 21/11/2026" in story(browser, good, vn(21, 12))
    assert "Số điện thoại không dùng Zalo" in story(browser, refused, vn(21, 12))


def test_the_overview_counts_today_and_points_at_what_needs_a_person(browser, sent, clinic):
    OfficialAccount.objects.update(blocked_reason="grant_broken")
    with time_machine.travel(vn(21, 15), tick=False):
        page = text(browser.get("/"))
    assert "Đã gửi hôm nay 1" in page
    assert "Zalo đang từ chối tài khoản Nha khoa Hoa Sen, tin của OA này đang chờ." in page
    assert "Gửi tin nhắn ZNS 09:00 22/11/2026" in page
    assert "Bốn bước" not in page


def test_an_empty_clinic_is_told_the_four_steps(browser, workspace):
    page = text(browser.get("/"))
    for step in ("Dùng một mẫu chiến dịch", "Chọn mẫu tin ZNS", "Kích hoạt", "Gửi dòng đầu tiên"):
        assert step in page
    assert "đã xong" not in page


def test_steps_are_ticked_one_by_one(browser, clinic):
    assert text(browser.get("/")).count("(đã xong)") == 3
    clinic.visit()
    assert "Bốn bước" not in text(browser.get("/"))


def test_quota_shows_use_reset_rule_and_drift(browser, sent, clinic):
    clinic.account.quota_windows.filter(rule="daily_quota").update(used=1850, vendor_used=1900)
    with time_machine.travel(vn(21, 15), tick=False):
        page = text(browser.get("/quota/"))
    assert "đã dùng 1.850 / 20.000" in page
    assert "làm mới lúc 00:00 22/11/2026" in page
    assert "Tính lại lúc 00:00" in page
    assert "Ta đếm 1.850, Zalo đếm 1.900" in page


def test_templates_are_synced_by_a_button(browser, clinic, monkeypatch):
    monkeypatch.setattr(template_sync, "sync_templates", lambda **_: template_sync.Synced(read=3, deleted=1, failed=2))
    page = browser.post(f"/connections/{clinic.account.pk}/sync/", follow=True)
    for told in ("Đã đồng bộ 3 mẫu tin", "1 mẫu không còn ở Zalo", "2 mẫu chưa đọc được nên giữ như cũ"):
        assert told in text(page)


def test_a_silent_zalo_is_told(browser, clinic, monkeypatch):
    def silent(**_):
        raise ZaloDidNotAnswer("timeout")

    monkeypatch.setattr(template_sync, "sync_templates", silent)
    page = browser.post(f"/connections/{clinic.account.pk}/sync/", follow=True)
    assert "Zalo không trả lời. timeout" in text(page)


def test_a_grant_that_zalo_will_not_renew_is_told_before_sends_stop(browser, clinic):
    OfficialAccount.objects.update(grant_refused_at=vn(21, 8), token_expires_at=vn(22, 9))
    page = text(browser.get("/connections/"))
    assert "từ chối gia hạn lúc 08:00 21/11/2026. Tin chỉ còn gửi được đến 09:00 22/11/2026" in page


def test_a_blocked_account_is_let_go_by_a_person(browser, clinic):
    OfficialAccount.objects.update(blocked_reason="account_blocked")
    assert "Tài khoản đang bị chặn gửi." in text(browser.get("/connections/"))
    browser.post(f"/connections/{clinic.account.pk}/unblock/")
    assert "Tài khoản đang bị chặn gửi." not in text(browser.get("/connections/"))


def test_lists_ask_as_often_for_many_rows_as_for_few(browser, clinic, django_assert_max_num_queries):
    send = clinic.send.pk
    lists = ["/", "/messages/", "/campaigns/", f"/campaigns/{send}/messages/", f"/campaigns/{send}/visits/", "/quota/"]

    def count(address):
        with django_assert_max_num_queries(40) as captured:
            assert browser.get(address).status_code == 200
        return len(captured)

    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    few = [count(address) for address in lists]
    for number in range(12):
        clinic.visit(Mã_khách_hàng=f"KH1{number:02d}", Số_điện_thoại=f"09123456{number:02d}")
    clinic.at(vn(22, 9))
    clinic.clock.advance(minutes=1)
    clinic.at(clinic.clock.now() + timedelta(hours=2))
    browser.post("/library/cham-soc-sau-lieu-trinh/use/")
    assert Message.objects.count() == 13
    assert [count(address) for address in lists] == few
