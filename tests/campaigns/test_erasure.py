"""Xóa dữ liệu: after it no table and no log knows the person, and everything that was counted is as it was."""

from __future__ import annotations

import json
import logging

import pytest
from django.db.models import Sum

from accounts.models import AuditEntry
from campaigns import erasure
from campaigns.erasure import NotNow, erase
from campaigns.models import Enrollment, Message, QuotaWindow, Reaction, Suppression
from campaigns.sums import campaign_sums
from datahub.models import (
    Customer,
    FileImport,
    Record,
    RecordEvent,
)
from datahub.people.merging import merge
from integrations.models import InboundEvent, ZaloUser
from tests import factories
from tests.accounts.browser import as_, text
from tests.campaigns.forgetting import NAME, anywhere, dump, found, make_patient, send_batch
from tests.campaigns.story import PHONE, vn


@pytest.fixture
def patient(clinic, owner):
    """Somebody who left a trace in every table there is."""
    return make_patient(clinic, owner)


def test_nothing_of_the_person_is_left_in_any_table(patient, owner, caplog):
    assert len({table for table, _ in anywhere()}) >= 12  # the story is everywhere before
    with caplog.at_level(logging.DEBUG):
        assert erase(customer=patient, actor=owner, now=vn(21, 15)) is None
    assert anywhere() == []
    assert "912345678" not in caplog.text
    assert NAME not in caplog.text
    entry = AuditEntry.objects.get(action="customer.erase")
    assert (entry.subject, entry.actor) == (str(patient.pk), owner)
    assert entry.facts == {"records": 2, "messages": 1}


def test_what_was_counted_stays_counted(patient, clinic, owner):
    def counts():
        return (
            campaign_sums(clinic.send),
            dict(QuotaWindow.objects.values_list("key", "used")),
            Message.objects.aggregate(Sum("price_vnd")),
            list(Message.objects.values_list("state", "sent_at", "tag", "channel")),
            Reaction.objects.get().rate,
            Record.objects.count(),
            RecordEvent.objects.count(),
        )

    before = counts()
    erase(customer=patient, actor=owner, now=vn(21, 15))
    assert counts() == before


def test_what_waits_is_cancelled_with_its_reason_and_nothing_goes_out_any_more(clinic, owner):
    clinic.visit()
    clinic.at(vn(21, 9))
    assert Enrollment.objects.get().state == "waiting"
    erase(customer=Customer.objects.get(), actor=owner, now=vn(21, 10))
    enrollment = Enrollment.objects.get()
    assert (enrollment.state, enrollment.reason_code) == ("cancelled", "customer_erased")
    for day in (21, 22, 23):
        clinic.at(vn(day, 9))
        clinic.at(vn(day, 11))
    assert clinic.channel.sent == []


def test_a_message_that_waits_is_cancelled_before_it_is_wiped(patient, clinic, owner):
    Message.objects.update(state="scheduled", reason_code="")
    erase(customer=patient, actor=owner, now=vn(21, 15))
    message = clinic.message()
    assert (message.state, message.reason_code, message.phone, message.params) == (
        "cancelled",
        "customer_erased",
        "",
        {},
    )
    assert message.events.filter(to_state="cancelled", reason_code="customer_erased").exists()
    clinic.at(vn(22, 11))
    assert len(clinic.channel.sent) == 1


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda clinic: Message.objects.update(state="sending"), NotNow.SENDING),
        (lambda clinic: Message.objects.update(state="leased"), NotNow.SENDING),
        (lambda clinic: InboundEvent.objects.filter(key="k1").update(applied_at=None), NotNow.EVENTS),
        (
            lambda clinic: FileImport.objects.create(
                workspace=clinic.workspace, source=clinic.source, name="a.csv", path="a", sha256="x", at=vn(21)
            ),
            NotNow.FILE,
        ),
    ],
)
def test_what_is_under_way_is_waited_for(patient, clinic, owner, spoil, why):
    spoil(clinic)
    before = list(dump())
    assert erase(customer=patient, actor=owner, now=vn(21, 15)) == why
    assert list(dump()) == before


def test_all_codes_of_the_person_go_and_once_is_enough(patient, clinic, owner):
    factories.make_record(clinic.source, Mã_khách_hàng="KH002", Dịch_vụ="Trám răng")
    merge(kept=patient, gone=Customer.objects.get(code="KH002"), actor=owner, now=vn(21, 14))
    assert erase(customer=patient, actor=owner, now=vn(21, 15)) is None
    assert found("912345678", NAME, "KH002") == []
    assert erase(customer=patient, actor=owner, now=vn(21, 15)) == NotNow.GONE


# --- families ----------------------------------------------------------------


def test_who_shares_the_phone_keeps_theirs(patient, clinic, owner):
    child = factories.make_record(
        clinic.source, now=vn(21, 13), row_id="c1", Mã_khách_hàng="KH050", Họ_và_tên="Trần Bé An", Dịch_vụ="Khám"
    )
    erase(customer=patient, actor=owner, now=vn(21, 15))
    child.refresh_from_db()
    assert (child.phone, child.values["customer_name"]) == (PHONE, "Trần Bé An")
    assert Suppression.objects.get().phone == PHONE  # it stops the child's messages as before
    assert ZaloUser.objects.get().phone == PHONE
    again = factories.make_record(clinic.source, row_id="c2", Mã_khách_hàng="KH050", Họ_và_tên="Trần Bé An")
    assert again.customer.code == "KH050"
    assert found(NAME, "KH001") == []


# --- the page ----------------------------------------------------------------


def test_the_code_is_typed_back(patient, owner):
    browser = as_(owner)
    wrong = browser.post(f"/hub/customers/{patient.pk}/erase/", {"code": "KH01"}, follow=True)
    assert "chưa xóa gì" in text(wrong)
    patient.refresh_from_db()
    assert patient.erased_at is None
    done = browser.post(f"/hub/customers/{patient.pk}/erase/", {"code": "kh001"}, follow=True)
    assert "Khách đã xóa dữ liệu" in text(done)
    for address in ("/", "/hub/", "/messages/", "/hub/errors/", "/hub/customers/erased/"):
        shown = text(browser.get(address, follow=True))
        assert NAME not in shown
        assert "KH001" not in shown


def test_an_erased_visit_takes_no_status_by_hand_and_is_shown_as_nobody_s(patient, clinic, owner):
    record = Record.objects.get(row_id="r1")
    erase(customer=patient, actor=owner, now=vn(21, 15))
    browser = as_(owner)
    browser.post(f"/hub/records/{record.pk}/status/", {"status": "Đã hoàn thành"})
    record.refresh_from_db()
    assert (record.status, record.values, record.completed_at) == ("", {}, None)
    for address in (f"/hub/tables/{record.dataset_id}/", f"/hub/records/{record.pk}/"):
        page = browser.get(address)
        assert "khách đã xóa dữ liệu" in text(page).casefold()
        assert f"/hub/records/{record.pk}/status/" not in page.content.decode()


def test_the_row_of_who_came_back_may_have_moved(patient, clinic, owner):
    erase(customer=patient, actor=owner, now=vn(21, 15))
    erasure.readmit(workspace=clinic.workspace, named="kh001", actor=owner, now=vn(21, 16))
    row = factories.sheet_row(factories.visit(), row_id="r1", number=99)
    (result,) = json.loads(send_batch(clinic.source, row, now=vn(22, 9)).body)["results"]
    assert result["accepted"]


def test_a_file_does_not_bring_them_back(patient, clinic, owner):
    from datahub.imports.intake import FileIntake  # the helper of another door
    from datahub.tables import schema_of

    erase(customer=patient, actor=owner, now=vn(21, 15))
    headings = ["Mã khách hàng", "Họ và tên", "Số điện thoại"]
    taken = FileImport.objects.create(
        workspace=clinic.workspace, source=clinic.source, name="a.csv", path="", sha256="x", at=vn(21), state="running",
        mapping={"headings": headings, "fields": ["customer_id", "customer_name", "phone"], "key": None},
    )  # fmt: skip
    intake = FileIntake(taken, schema_of(clinic.source.dataset), vn(22))
    tally = intake.settle([(2, (["KH001", NAME, "0912 345 678"], ""))])
    assert (tally.wrong, tally.created) == (1, 0)
    assert found("912345678", NAME) == []
