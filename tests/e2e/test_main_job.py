"""What a newcomer does with the demo, in a real browser: from the library to the message on the patient's phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import CHROMIUM, opened
from tests.e2e.demo import Demo, running, wait_for

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no /usr/bin/chromium: apt install chromium"),
]

FIRST_BLANK_ROW = 41
TEMPLATE = "Hỏi thăm sau khám"


def log_in(page: Page, demo: Demo) -> None:
    login = next(each for each in demo.info()["logins"] if each["role"] == "admin")
    page.goto(demo.url)
    page.get_by_label("E-mail").fill(login["email"])
    page.get_by_label("Mật khẩu").fill(login["password"])
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", name="Tổng quan")).to_be_visible()


def use_the_template(page: Page) -> None:
    page.get_by_role("link", name="Thư viện mẫu").first.click()
    page.get_by_role("link", name=re.compile("Chăm sóc khách hàng sau khi hoàn tất")).first.click()
    page.get_by_text("Sử dụng mẫu").first.click()
    page.get_by_role("button", name="Khởi tạo mẫu").click()
    expect(page.get_by_role("link", name="Gửi tin nhắn ZNS")).to_be_visible()


def activate_both(page: Page) -> None:
    page.get_by_role("link", name="Đồng bộ dữ liệu từ Google Sheet về Data Hub").click()
    page.get_by_role("button", name="Kích hoạt").first.click()
    expect(page.get_by_text("Đang chạy").first).to_be_visible()
    page.get_by_role("link", name="Chiến dịch").first.click()
    page.get_by_role("link", name="Gửi tin nhắn ZNS").click()
    page.get_by_label("Mẫu tin ZNS").select_option(label=next_option(page, TEMPLATE))
    page.get_by_role("button", name="Lưu thay đổi").click()
    page.get_by_role("button", name="Kích hoạt").first.click()
    expect(page.get_by_text("Đang chạy").first).to_be_visible()


def next_option(page: Page, name: str) -> str:
    """The whole label of the option that names the template."""
    labels = page.get_by_label("Mẫu tin ZNS").locator("option").all_inner_texts()
    return next(label for label in labels if name in label)


def type_row(page: Page, row: int, cells: dict[str, str]) -> None:
    """Type what staff types; lists are chosen, the rest is written."""
    for column, text in cells.items():
        cell = page.locator(f"td[data-row='{row}'][data-col='{column}']")
        if cell.locator("select").count():
            cell.locator("select").select_option(text)
        else:
            cell.locator("input").fill(text)
            cell.locator("input").press("Tab")


def expect_status(page: Page, row: int, text: str, *, within_ms: int) -> None:
    cell = page.locator(f"td[data-row='{row}'][data-col='Trạng thái gửi Webhook']")
    expect(cell).to_have_attribute("data-value", text, timeout=within_ms)


def visit(code: str, name: str, phone: str) -> dict[str, str]:
    return {
        "Mã khách hàng": code,
        "Họ và tên": name,
        "Số điện thoại": phone,
        "Dịch vụ": "Nhổ răng khôn",
        "Ngày khám": "20/11/2026",
        "Trạng thái": "Đã hoàn thành",
        "Gửi webhook": "Đã gửi",
    }


def fill_the_sheet(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/sandbox/sheet/")
    type_row(page, FIRST_BLANK_ROW, visit("KH900", "Trần Thị Hoa", "912345678"))
    expect_status(page, FIRST_BLANK_ROW, "Đã gửi", within_ms=2_000)
    wrong = FIRST_BLANK_ROW + 1
    type_row(page, wrong, visit("KH901", "Lê Văn Nam", "09123"))
    reason = "Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678"
    expect_status(page, wrong, reason, within_ms=2_000)
    type_row(page, wrong, {"Số điện thoại": "0987654321", "Gửi webhook": "Cập nhật lại"})
    expect_status(page, wrong, "Đã gửi", within_ms=2_000)


def wait_two_hours_past_nine(page: Page, demo: Demo) -> None:
    page.get_by_role("button", name="Tới 09:00").click()
    enrolled = "SELECT state, count(*) FROM campaigns_enrollment GROUP BY state"
    wait_for(lambda: demo.count(enrolled) == {"waiting": 2}, "both visits wait", within_s=20)
    page.get_by_role("button", name="+2 giờ").click()
    delivered = "SELECT state, count(*) FROM campaigns_message GROUP BY state"
    wait_for(lambda: demo.count(delivered) == {"delivered": 2}, "both messages are delivered", within_s=30)


def see_the_message(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/sandbox/zalo/inbox/84912345678/")
    expect(page.get_by_text("Hôm nay bạn cảm thấy thế nào rồi?").last).to_be_visible()
    expect(page.get_by_text("Trần Thị Hoa")).to_have_count(1)
    [received] = demo.inbox(phone="84912345678")
    assert received["delivered_at"]
    page.goto(f"{demo.url}/messages/")
    expect(page.get_by_text("Đã nhận", exact=True).locator("visible=true")).not_to_have_count(0)
    expect(page.get_by_role("link", name="Trần Thị Hoa")).to_have_count(1)
    page.goto(f"{demo.url}/quota/")
    expect(page.get_by_text("đã dùng 2 / 20.000")).to_be_visible()


def test_from_the_library_to_the_patients_phone(tmp_path: Path) -> None:
    with running(tmp_path) as demo, opened() as page:
        log_in(page, demo)
        use_the_template(page)
        activate_both(page)
        fill_the_sheet(page, demo)
        wait_two_hours_past_nine(page, demo)
        see_the_message(page, demo)
