"""Mẫu tin ZNS: what the patient sees, where it is used, which rows would not fit, its wording and its trial."""

from __future__ import annotations

from datetime import datetime

import pytest

from accounts.models import AuditEntry
from campaigns import activation
from campaigns.models import Message
from integrations.vietnam import VIETNAM
from tests.accounts.browser import HTMX, as_, text
from tests.campaigns.story import PARAMS, choose_template, make_account, make_template, vn
from tests.factories import make_record

WORDING = {"title": "💙 Chào bạn", "body": "Mã <customer_id> của <customer_name>\nCảm ơn bạn đã ghé <shop_name>."}


@pytest.fixture
def page(clinic):
    """The reference template's own page."""
    return f"/templates/{clinic.template.pk}/"


def worded(clinic, **changes):
    for name, value in {**WORDING, **changes}.items():
        setattr(clinic.template, name, value)
    clinic.template.save()
    return clinic.template


# --- the gallery --------------------------------------------------------------


def test_a_card_shows_what_the_patient_sees_and_what_zalo_says(browser, clinic):
    worded(
        clinic,
        quality="LOW",
        price_uid_vnd=140,
        timeout_ms=15_000,
        daily_quota=100,
        remaining_quota=40,
        registered_at=datetime(2025, 12, 10, tzinfo=VIETNAM),
        buttons=[{"type": 2, "title": "GỌI NGAY", "content": "1900"}],
    )
    shown = text(browser.get("/templates/"))
    for told in (
        "💙 Chào bạn",
        "Mã customer_id của customer_name",
        "GỌI NGAY",
        "Chăm sóc khách hàng",
        "chất lượng kém",
        "200 đ theo số điện thoại · 140 đ theo UID",
        "00:00 10/12/2025 · dùng được qua UID",
        "15 giây; trễ hơn thì không bị tính phí",
        "100 tin một ngày, Zalo báo còn 40",
        "Gửi tin nhắn ZNS",
    ):
        assert told in shown, told


@pytest.mark.parametrize(
    ("registered", "told"),
    [
        (datetime(2025, 12, 9, 23, 59, tzinfo=VIETNAM), "chỉ gửi theo số điện thoại"),
        (None, "chưa rõ, đồng bộ để biết"),
    ],
)
def test_an_old_template_goes_by_phone_only(browser, clinic, registered, told):
    worded(clinic, registered_at=registered)
    assert told in text(browser.get("/templates/"))


def test_parameters_are_shown_with_samples_or_the_last_completed_visit(browser, clinic):
    worded(clinic, sample={"customer_name": "Khách mẫu", "customer_id": "M1"})
    clinic.visit()
    assert "Mã M1 của Khách mẫu Cảm ơn bạn đã ghé shop_name" in text(browser.get("/templates/?shows=sample"))
    assert "Mã KH001 của Nguyễn Thị Hoa" in text(browser.get("/templates/?shows=visit"))


def test_a_viewer_sees_no_phone_in_a_preview(viewer, clinic):
    worded(clinic, body="Gọi <customer_id>", sample={"customer_id": "0912345678"})
    assert "Gọi •••" in text(as_(viewer).get("/templates/?shows=sample"))


def test_the_wording_is_looked_at(browser, clinic):
    worded(clinic, body="ƯU ĐÃI LỚN cho <customer_name>, <customer_id>, <tuổi>")
    shown = text(browser.get("/templates/"))
    for told in (
        "“ưu đãi” · Nghe như ưu đãi",
        "Viết hoa cả cụm",
        "mà mẫu ở Zalo không có: tuổi",
        "chưa thấy trong nội dung: shop_name",
    ):
        assert told in shown, told


def test_templates_are_found_by_account_tag_and_status(browser, clinic):
    other = make_account(clinic.workspace, oa_id="2", name="OA hai")
    make_template(other, template_id="1", name="Của OA hai", tag=3)
    make_template(clinic.account, template_id="2", name="Bị từ chối", status="REJECT", reason="Sai loại")
    make_template(clinic.account, template_id="3", name="Đã mất", status="DELETE")
    all_of_them = {"Hỏi thăm sau khám", "Của OA hai", "Bị từ chối", "Đã mất"}

    def found(query):
        body = browser.get(f"/templates/?{query}", **HTMX).content.decode()
        return {name for name in all_of_them if f">{name}</a>" in body}

    assert found("") == all_of_them - {"Đã mất"}
    assert found(f"account={other.pk}") == {"Của OA hai"}
    assert found("tag=2&status=REJECT") == {"Bị từ chối"}
    assert found("status=DELETE") == {"Đã mất"}
    assert found("tag=cả&account=x") == all_of_them - {"Đã mất"}
    assert "Zalo: Sai loại" in text(browser.get("/templates/?status=REJECT"))
    assert "Chưa có mẫu tin nào ở đây" in text(browser.get("/templates/?tag=1"))


def test_the_gallery_asks_as_often_for_many_templates_as_for_few(browser, clinic, django_assert_max_num_queries):
    counts = []
    for known in (0, 20):
        for number in range(known):
            make_template(clinic.account, template_id=f"x{number}", name=f"Mẫu {number}")
        with django_assert_max_num_queries(15) as captured:
            browser.get("/templates/?shows=visit")
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- one template -------------------------------------------------------------


def test_a_recent_visit_is_picked_for_the_preview(browser, clinic, page):
    worded(clinic, preview_url="https://account.zalo.cloud/x")
    record = clinic.visit(Họ_và_tên="Trần Bình")
    shown = browser.get(f"{page}?visit={record.pk}")
    assert "Mã KH001 của Trần Bình" in text(shown)
    assert 'href="https://account.zalo.cloud/x"' in shown.content.decode()
    assert "customer_name" in text(browser.get(f"{page}?visit=99999"))


def test_a_wording_is_pasted_and_kept(browser, clinic, page):
    browser.post(f"{page}wording/", WORDING)
    clinic.template.refresh_from_db()
    assert (clinic.template.title, clinic.template.body.split()) == (WORDING["title"], WORDING["body"].split())
    assert AuditEntry.objects.get(action="template.wording").subject == clinic.template.template_id


def test_the_wording_of_another_template_is_refused(browser, clinic, page):
    answer = browser.post(f"{page}wording/", {**WORDING, "body": "Chào <tên> và <customer_name>"})
    assert "Mẫu ở Zalo không có tham số: tên." in text(answer)
    clinic.template.refresh_from_db()
    assert clinic.template.title == ""


# --- rows that would not fit --------------------------------------------------


@pytest.fixture
def rows(clinic):
    """Three visits: one fits, one has too long a name, one too, but is not completed yet."""
    clinic.visit()
    clinic.visit(Họ_và_tên="Công Tằng Tôn Nữ Nguyễn Thị Hoa Sen", Mã_khách_hàng="KH2", Số_điện_thoại="0987654321")
    clinic.visit(Họ_và_tên="x" * 31, Mã_khách_hàng="KH3", Số_điện_thoại="0987654322", Trạng_thái="Đang điều trị")


def test_the_list_of_rows_that_would_fail_is_exact(browser, clinic, page, rows):
    shown = text(browser.get(f"{page}rows/"))
    assert "2 trường hợp trong 3 dòng sẽ bị Zalo từ chối, trong đó 1 trường hợp đang đúng điều kiện gửi." in shown
    assert "customer_name dài 35 ký tự, tối đa 30: “Công Tằng Tôn Nữ Nguyễn Thị Hoa Sen”" in shown
    assert shown.count("chưa đúng điều kiện lọc") == 1
    assert "Nguyễn Thị Hoa ·" not in shown


def test_a_row_that_zalo_would_refuse_is_the_row_that_the_last_look_skips(clinic, rows):
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    states = dict(Message.objects.values_list("record__values__customer_id", "state"))
    assert states == {"KH001": "sent", "KH2": "skipped"}


def test_a_draft_is_warned_of_the_rows_that_would_fail(browser, clinic, rows):
    activation.pause(campaign=clinic.send, actor=None, now=clinic.clock.now())
    assert (
        f'hx-get="/campaigns/{clinic.send.pk}/rows/"' in browser.get(f"/campaigns/{clinic.send.pk}/").content.decode()
    )
    shown = text(browser.get(f"/campaigns/{clinic.send.pk}/rows/", **HTMX))
    assert "1 dòng đang đúng điều kiện sẽ không gửi được" in shown


def test_days_are_sent_as_people_and_zalo_read_them(browser, clinic, page):
    day = {"name": "visit_date", "require": True, "type": "DATE", "maxLength": 20, "minLength": 0, "acceptNull": False}
    clinic.template.params = [*PARAMS, day]
    clinic.template.save()
    clinic.set_definition(clinic.send, steps=with_param(clinic, visit_date={"field": "visit_date"}))
    clinic.visit()
    assert "Cả 1 dòng hiện có đều hợp mẫu." in text(browser.get(f"{page}rows/"))
    clinic.set_definition(clinic.send, steps=with_param(clinic, visit_date={"field": "customer_name"}))
    assert "không phải giờ hoặc ngày Zalo nhận" in text(browser.get(f"{page}rows/"))


def with_param(clinic, **params):
    steps = [step.model_dump() for step in clinic.send.definition.steps]
    return [step if step["kind"] != "send" else step | {"params": step["params"] | params} for step in steps]


def test_an_unmapped_parameter_and_a_fixed_text_of_the_wrong_form_stop_the_activation(clinic):
    number = {"name": "amount", "require": True, "type": "CURRENCY", "maxLength": 12, "minLength": 0}
    clinic.template.params = [*PARAMS, number]
    clinic.template.save()
    choose_template(clinic, clinic.template)
    (unmapped,) = activation.problems(clinic.send)
    assert "amount của mẫu “Hỏi thăm sau khám” chưa được gán dữ liệu" in str(unmapped.message)
    clinic.set_definition(clinic.send, steps=with_param(clinic, amount={"value": "1.000đ"}))
    (wrong,) = activation.problems(clinic.send)
    assert "amount của mẫu “Hỏi thăm sau khám” không phải số tiền dương" in str(wrong.message)


def test_rows_are_paged_and_read_in_one_query(browser, clinic, page, django_assert_max_num_queries):
    counts = []
    for many in (1, 24):
        for number in range(many):
            make_record(clinic.source, Họ_và_tên="x" * 31, Mã_khách_hàng=f"K{many}-{number}")
        with django_assert_max_num_queries(12) as captured:
            shown = text(browser.get(f"{page}rows/?page=2"))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert "25 trường hợp trong 25 dòng" in shown
    assert shown.count("dài 31 ký tự") == 5
