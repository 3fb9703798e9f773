"""A person at the practice sheet, in a real browser, with the shipped Code.gs; the webhook is played by the test."""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import Any

import pytest

from sandbox.models import PracticeSheet
from sandbox.sheet import sample_rows, services

CHROMIUM = shutil.which("chromium")
ARGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
STATUS, SEND, PHONE, NAME = "Trạng thái gửi Webhook", "Gửi webhook", "Số điện thoại", "Họ và tên"
FIRST_BLANK = 41  # below the 39 filled rows

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "sandbox"], transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the practice sheet was not tried in a browser"),
]


class Webhook:
    """Takes every row whose phone has ten digits; a test may put another answer before that."""

    def __init__(self):
        self.rows: list[dict[str, Any]] = []
        self.next_status = 0
        self.pulses: list[dict[str, Any]] = []
        self.told: dict[str, Any] = {"outcomes": []}

    def answer(self, route):
        body = json.loads(route.request.post_data)
        if route.request.url.endswith("/pulse"):
            self.pulses.append(body)
            return route.fulfill(json=self.told | {"cursor": 1, "checkup_due": False, "latest_version": "", "says": ""})
        self.rows += body["rows"]
        if self.next_status == -1:
            return route.abort()
        if self.next_status:
            return route.fulfill(
                status=self.next_status, json={"error": "x", "message": "x", "status": "Chưa kích hoạt"}
            )
        return route.fulfill(json={"batch_id": body["batch_id"], "results": [self.judge(row) for row in body["rows"]]})

    def judge(self, row):
        good = len(row["values"][PHONE]) == 10
        text, note = ("Đã gửi", "Gửi tin dự kiến 11:00 22/11") if good else (f"{PHONE}: thiếu chữ số", "")
        return {**row, "accepted": good, "status": text, "errors": [], "note": note}


@pytest.fixture
def webhook():
    return Webhook()


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in this thread
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS.split())
        yield browser
        browser.close()


@pytest.fixture
def page(live_server, browser, webhook):
    services.create_sheet(
        slug="nha-khoa-sao-mai",
        name="Nha khoa Sao Mai",
        webhook_url=f"{live_server.url}/hooks/sheets/k1",
        secret="khóa-bí-mật",
        columns=sample_rows.COLUMNS,
        rows=sample_rows.sample_rows(date(2026, 11, 21)),
    )
    problems: list[str] = []
    with browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN") as context:
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text else None)
        page.route("**/hooks/sheets/**", webhook.answer)
        page.goto(f"{live_server.url}/sandbox/sheet/")
        page.wait_for_selector("td[data-row='2']")
        yield page
    assert problems == []


def cell(page, row, column):
    return page.locator(f"td[data-row='{row}'][data-col='{column}']")


def type_row(page, row, phone="0912345678"):
    for column, text in {"Mã khách hàng": "KH900", NAME: "Bùi Gia Hân", PHONE: phone}.items():
        cell(page, row, column).locator("input").fill(text)


def choose(page, row, request):
    cell(page, row, SEND).locator("select").select_option(request)


def reads(page, row, text):
    page.wait_for_selector(f"td[data-row='{row}'][data-col='{STATUS}'][data-value='{text}']")


def saved(page):
    page.wait_for_selector("#practice[data-pending='0'][data-saved='saved']")
    return PracticeSheet.objects.get().rows


def test_a_typed_row_is_sent_and_survives_a_reload(page, webhook):
    type_row(page, FIRST_BLANK)
    choose(page, FIRST_BLANK, "Đã gửi")
    reads(page, FIRST_BLANK, "Đã gửi")
    assert [(row["row_number"], row["values"][NAME]) for row in webhook.rows] == [(FIRST_BLANK, "Bùi Gia Hân")]
    assert saved(page)[FIRST_BLANK - 2][10] == "Đã gửi"
    page.reload()
    reads(page, FIRST_BLANK, "Đã gửi")
    assert cell(page, FIRST_BLANK, STATUS).locator(".planned").inner_text() == "Gửi tin dự kiến 11:00 22/11"
    cell(page, FIRST_BLANK, STATUS).locator("input").focus()
    assert page.inner_text("#cell-note") == "Gửi tin dự kiến 11:00 22/11"


def test_a_wrong_phone_is_corrected_and_sent_again(page, webhook):
    type_row(page, FIRST_BLANK, phone="09123")
    choose(page, FIRST_BLANK, "Đã gửi")
    reads(page, FIRST_BLANK, f"{PHONE}: thiếu chữ số")
    cell(page, FIRST_BLANK, PHONE).locator("input").fill("0912345678")
    page.keyboard.press("Enter")
    reads(page, FIRST_BLANK, "Đã sửa, chưa gửi lại – đặt Gửi webhook = Cập nhật lại")
    choose(page, FIRST_BLANK, "Cập nhật lại")
    reads(page, FIRST_BLANK, "Đã gửi")
    assert cell(page, FIRST_BLANK, SEND).get_attribute("data-value") == "Đã gửi"
    assert len({row["row_id"] for row in webhook.rows}) == 1


def test_a_lost_network_is_swept_up(page, webhook):
    webhook.next_status = -1
    type_row(page, FIRST_BLANK)
    choose(page, FIRST_BLANK, "Đã gửi")
    reads(page, FIRST_BLANK, "Chưa gửi được: không kết nối được máy chủ, hệ thống sẽ tự thử lại trong 5 phút")
    webhook.next_status = 0
    page.click("#run-sweep")
    reads(page, FIRST_BLANK, "Đã gửi")


def test_what_became_of_a_message_is_written_into_its_own_column(page, webhook):
    page.click("summary:text('CDP')")
    page.click("button[data-handler='addOutcomeColumn']")
    page.wait_for_selector("th[data-col='Kết quả gửi tin']")
    type_row(page, FIRST_BLANK)
    choose(page, FIRST_BLANK, "Đã gửi")
    reads(page, FIRST_BLANK, "Đã gửi")
    webhook.told = {"outcomes": [{"row_id": webhook.rows[0]["row_id"], "text": "Bệnh nhân đã nhận 11:02 22/11"}]}
    page.click("#run-sweep")
    page.wait_for_selector(f"td[data-row='{FIRST_BLANK}'][data-col='Kết quả gửi tin'][data-value^='Bệnh nhân đã nhận']")
    assert "Kết quả gửi tin" in webhook.pulses[-1]["headers"]
    saved(page)
    page.reload()
    assert cell(page, FIRST_BLANK, "Kết quả gửi tin").get_attribute("data-value") == "Bệnh nhân đã nhận 11:02 22/11"
    assert "báo tình trạng" not in page.inner_text("#log-last")


def test_a_paused_campaign_speaks_in_the_cell(page, webhook):
    webhook.next_status = 423
    type_row(page, FIRST_BLANK)
    choose(page, FIRST_BLANK, "Đã gửi")
    reads(page, FIRST_BLANK, "Chưa kích hoạt")


def test_a_copied_row_gets_an_id_of_its_own(page, webhook):
    type_row(page, FIRST_BLANK)
    choose(page, FIRST_BLANK, "Đã gửi")
    reads(page, FIRST_BLANK, "Đã gửi")
    page.click("#copy-row")
    reads(page, FIRST_BLANK + 1, "Dòng sao chép, chưa gửi – sửa xong đặt Gửi webhook = Cập nhật lại")
    cell(page, FIRST_BLANK + 1, NAME).locator("input").fill("Phạm Thị Lan")
    choose(page, FIRST_BLANK + 1, "Cập nhật lại")
    reads(page, FIRST_BLANK + 1, "Đã gửi")
    assert len({row["row_id"] for row in webhook.rows if row["row_number"] >= FIRST_BLANK}) == 2


def test_keys_move_as_in_a_spreadsheet(page):
    cell(page, 2, PHONE).locator("input").focus()
    for key, name in [
        ("Enter", "r3c3"),
        ("ArrowDown", "r4c3"),
        ("ArrowUp", "r3c3"),
        ("Tab", "r3c4"),
        ("Shift+Enter", "r2c4"),
    ]:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.name") == name
    page.keyboard.type("Tẩy trắng răng")
    page.keyboard.press("Enter")
    assert cell(page, 2, "Dịch vụ").get_attribute("data-value") == "Tẩy trắng răng"


def test_a_button_leads_to_the_first_empty_row(page):
    page.click("#to-blank")
    assert page.evaluate("document.activeElement.name") == f"r{FIRST_BLANK}c1"
    page.evaluate("Practice.page.grid.lines.forEach((line) => { line.cells[0] ||= 'KH999'; })")
    page.click("#to-blank")
    page.wait_for_function("document.activeElement.name === 'r51c1'")


def test_a_pasted_block_fills_cells_and_sends_in_one_batch(page, webhook):
    block = "\n".join(
        f"KH9{i}\tKhách {i}\t091234567{i}\tLấy cao răng\t21/11/2026\t\t\t\tĐặt lịch\tĐã gửi" for i in range(10)
    )
    page.evaluate(
        """([text, name]) => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            const field = document.querySelector(`[name="${name}"]`);
            field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [block, f"r{FIRST_BLANK + 5}c1"],
    )
    reads(page, FIRST_BLANK + 14, "Đã gửi")
    assert [row["values"][NAME] for row in webhook.rows] == [f"Khách {i}" for i in range(10)]


def test_sorting_deleting_and_adding_rows_are_kept(page):
    page.click("th[data-col='Họ và tên'] button")
    page.wait_for_selector("th[data-col='Họ và tên'][aria-sort='ascending']")
    first = cell(page, 2, NAME).get_attribute("data-value")
    cell(page, 2, NAME).locator("input").focus()
    page.click("#delete-row")
    page.click("#add-rows")
    rows = saved(page)
    assert first.startswith("Bùi")
    assert len(rows) == 49 - 1 + 10
    assert rows[0][1] != first


def test_leaving_at_once_loses_nothing(page, live_server):
    cell(page, 2, NAME).locator("input").fill("Nguyễn Thị Thu Hằng")
    page.keyboard.press("Enter")
    page.goto(f"{live_server.url}/sandbox/sheet/Code.gs")
    page.wait_for_timeout(300)
    assert PracticeSheet.objects.get().rows[0][1] == "Nguyễn Thị Thu Hằng"
