"""A customer's page: the story, words of consent, the do-not-send list, and a merge that writes to nobody twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.models import Message, Reaction
from campaigns.timeline import PAGE_SIZE, timeline
from datahub.models import Customer, Merge, RecordEvent
from datahub.people.merging import merge, unmerge
from datahub.statuses import mark_status
from tests import factories
from tests.accounts.browser import HTMX, as_, form, text
from tests.campaigns.patients import REFUSES, page, waiting
from tests.campaigns.story import vn


def test_the_story_tells_visits_messages_answers_words_and_deeds(patient, clinic, owner):
    message = clinic.message()
    Reaction.objects.create(
        account=clinic.account, message=message, kind="rated", rate=5, note="Cô Lan rất nhẹ tay", at=vn(21, 12)
    )
    mark_status(record=message.record, status="Hủy", actor="Lễ tân", now=vn(21, 13))
    as_(owner).post(f"/hub/customers/{patient.pk}/consent/", {"purpose": "promotion", **REFUSES})
    as_(owner).post(f"/hub/customers/{patient.pk}/stop/", {"reason": "asked", "note": "Khách gọi tới"})
    shown = text(page(owner, patient))
    for told in (
        "Nguyễn Thị Hoa",
        "0912 345 678",
        "Lượt khám mới",
        "Hỏi thăm sau khám",
        "Khách đánh giá 5★",
        "“Cô Lan rất nhẹ tay”",
        "Trạng thái: Đã hoàn thành → Hủy",
        "Lễ tân",
        "Ưu đãi, khuyến mãi: Không đồng ý",
        "Gọi điện 10:00 · mẫu 2026-11",
        "Đưa vào danh sách không gửi",
        "Không gửi tin cho khách này: Khách yêu cầu không nhắn · Khách gọi tới",
    ):
        assert told in shown, told


def test_the_story_is_newest_first_paged_and_asks_as_often_however_long(patient, clinic, django_assert_num_queries):
    record = clinic.message().record
    RecordEvent.objects.bulk_create(
        RecordEvent(
            workspace=clinic.workspace,
            record=record,
            kind="updated",
            changes={},
            actor=f"lần {n}",
            at=vn(22) + timedelta(minutes=n),
        )
        for n in range(PAGE_SIZE + 5)
    )
    with django_assert_num_queries(6):
        first, second = timeline(patient), None
    second = timeline(patient, 2)
    moments = [entry.at for entry in first.entries + second.entries]
    assert moments == sorted(moments, reverse=True)
    assert (len(first.entries), first.has_more, second.has_more) == (PAGE_SIZE, True, False)
    assert len(second.entries) == 5 + 2  # the older events, the first of the visit, and its message
    assert timeline(patient, 3).entries == []


def test_a_further_page_of_the_story_is_a_fragment(patient, owner):
    answer = as_(owner).get(f"/hub/customers/{patient.pk}/", {"page": "2"}, **HTMX)
    assert "<html" not in answer.content.decode()


# --- merges ------------------------------------------------------------------


def test_nobody_is_written_to_twice_because_of_a_merge(clinic, owner):
    clinic.visit(Mã_khách_hàng="KH001")
    clinic.visit(Mã_khách_hàng="KH002", Dịch_vụ="Lấy cao răng")
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    assert len(clinic.channel.sent) == 2
    kept, gone = Customer.objects.order_by("code")
    done = factories.make_merge(kept=kept, gone=gone, actor=owner, now=clinic.clock.now())
    for day in (22, 23):
        clinic.at(vn(day, 9))
        clinic.at(vn(day, 11))
    unmerge(done=done, actor=owner, now=clinic.clock.now())
    for day in (24, 25):
        clinic.at(vn(day, 9))
        clinic.at(vn(day, 11))
    assert len(clinic.channel.sent) == Message.objects.count() == 2


def test_a_waiting_message_goes_once_though_its_customer_was_merged(clinic, owner):
    clinic.visit(Mã_khách_hàng="KH001")
    gone = waiting(clinic, Mã_khách_hàng="KH002", Dịch_vụ="Lấy cao răng")
    merge(kept=Customer.objects.get(code="KH001"), gone=gone, actor=owner, now=clinic.clock.now())
    clinic.tick()
    clinic.tick()
    assert len(clinic.channel.sent) == 2


def test_merging_and_taking_apart_from_the_page(clinic, owner):
    clinic.visit(Mã_khách_hàng="KH001")
    clinic.visit(Mã_khách_hàng="KH002", Dịch_vụ="Lấy cao răng")
    kept, gone = Customer.objects.order_by("code")
    browser = as_(owner)
    missing = browser.post(f"/hub/customers/{kept.pk}/merge/", {"code": "KH999"}, follow=True)
    assert "Không có khách nào mang mã này" in text(missing)
    suggested = browser.get("/hub/customers/duplicates/")
    assert form(suggested, action=f"/hub/customers/{kept.pk}/merge/")["code"] == ["KH002"]
    merged = browser.post(f"/hub/customers/{kept.pk}/merge/", {"code": "kh002"}, follow=True)
    assert "Đã gộp KH002 vào KH001" in text(merged)
    assert "đã được gộp vào KH001" in text(page(owner, gone))
    done = Merge.objects.get()
    apart = browser.post(f"/hub/customers/merges/{done.pk}/undo/", follow=True)
    assert "Đã tách KH002" in text(apart)
    assert "Gộp hai mã khách hàng" in text(page(owner, kept))


def test_only_who_manages_customers_merges_stops_and_erases(patient, colleague):
    browser = as_(colleague)
    for address in (
        f"/hub/customers/{patient.pk}/merge/",
        f"/hub/customers/{patient.pk}/stop/",
        f"/hub/customers/{patient.pk}/erase/",
        "/hub/do-not-send/add/",
        "/hub/do-not-send/offers/",
        "/hub/customers/erased/readmit/",
    ):
        assert browser.post(address).status_code == 403, address
    assert browser.get("/hub/customers/duplicates/").status_code == 403


def test_labels_are_put_on_and_taken_off(patient, colleague):
    browser = as_(colleague)
    browser.post(f"/hub/customers/{patient.pk}/labels/", {"name": " VIP "})
    browser.post(f"/hub/customers/{patient.pk}/labels/", {"name": "vip"})
    label = patient.labels.get()
    assert label.name == "VIP"
    found = browser.get("/hub/customers/", {"label": label.pk})
    assert "KH001" in text(found)
    browser.post(f"/hub/customers/{patient.pk}/labels/{label.pk}/remove/")
    assert not patient.labels.exists()
    assert not patient.workspace.labels.exists()


# --- the list ----------------------------------------------------------------


def test_the_list_is_paged_by_the_last_one_shown_and_asks_as_often_for_many(
    clinic, owner, django_assert_max_num_queries
):
    browser = as_(owner)
    clinic.visit()

    def count():
        with django_assert_max_num_queries(20) as captured:
            answer = browser.get("/hub/customers/")
        return len(captured), answer

    few, _ = count()
    for number in range(30):
        factories.make_record(clinic.source, Mã_khách_hàng=f"KH1{number:02}", Họ_và_tên=f"Khách {number}")
    many, answer = count()
    assert many == few
    last = answer.context["older"]
    older = browser.get("/hub/customers/", {"before": last})
    assert "KH001" in text(older)
    assert "KH001" not in text(answer)
    assert older.context["older"] is None


@pytest.mark.parametrize("asked", ["hoa", "NGUYEN THI", "kh001", "0912 345 678"])
def test_search_finds_by_name_without_marks_code_and_phone(patient, clinic, owner, asked):
    factories.make_record(clinic.source, Mã_khách_hàng="KH777", Họ_và_tên="Trần Bình", Số_điện_thoại="0987654321")
    found = as_(owner).get("/hub/customers/", {"q": asked}, **HTMX)
    assert "KH001" in text(found)
    assert "KH777" not in text(found)
    assert "<html" not in found.content.decode()


def test_another_clinic_s_customer_does_not_exist(patient, stranger):
    assert page(stranger, patient).status_code == 404
    assert as_(stranger).post(f"/hub/customers/{patient.pk}/reveal/").status_code == 404


def test_a_merge_is_told_once_on_each_page(clinic, owner):
    clinic.visit(Mã_khách_hàng="KH001")
    clinic.visit(Mã_khách_hàng="KH002", Dịch_vụ="Lấy cao răng")
    kept, gone = Customer.objects.order_by("code")
    done = factories.make_merge(kept=kept, gone=gone, actor=owner, now=vn(21))
    assert [entry.thing.action for entry in timeline(kept).entries if entry.kind == "audit"] == ["customer.merge"]
    unmerge(done=done, actor=owner, now=vn(22))
    for customer in (kept, gone):
        told = [entry.thing.action for entry in timeline(customer).entries if entry.kind == "audit"]
        assert told == ["customer.unmerge", "customer.merge"]
