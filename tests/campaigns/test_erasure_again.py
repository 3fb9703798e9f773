"""An erased person whose row comes again, by sheet or by file, or who comes back."""

from __future__ import annotations

import json

import pytest

from campaigns import erasure, suppressions
from campaigns.erasure import erase
from campaigns.models import Message, Suppression
from datahub.models import (
    Batch,
    Checkup,
    Customer,
    ErasureMark,
    FileImport,
    LinkedRow,
    SheetLink,
    SheetRow,
)
from tests import factories
from tests.accounts.browser import as_, text
from tests.campaigns.forgetting import NAME, found, make_patient, send_batch
from tests.campaigns.story import vn


@pytest.fixture
def patient(clinic, owner):
    """Somebody who left a trace in every table there is."""
    return make_patient(clinic, owner)


# --- the row comes again -------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Mã_khách_hàng": "kh001", "Số_điện_thoại": "0909090909"},
        {"Mã_khách_hàng": "KH900", "Số_điện_thoại": "+84 912 345 678"},
        {"Mã_khách_hàng": "KH900", "Số_điện_thoại": "0987111222"},  # a phone of before a correction
        {"Ngày_khám": "hôm qua"},  # wrong besides
    ],
)
@pytest.mark.parametrize("row_id", ["r1", "new"])
def test_their_row_is_turned_away_and_nothing_of_it_is_kept(patient, clinic, owner, row_id, changes):
    erase(customer=patient, actor=owner, now=vn(21, 15))
    row = factories.sheet_row(factories.visit(**changes), row_id=row_id, number=44)
    answer = json.loads(send_batch(clinic.source, row, now=vn(22, 9)).body)
    (result,) = answer["results"]
    assert not result["accepted"]
    assert "khách đã yêu cầu xóa dữ liệu" in result["status"]
    Batch.objects.all().update(body="")  # forgotten by datahub.retention in its time
    assert [line for line in found("912345678", NAME) if line[0] != "datahub_batch"] == []
    stored = SheetRow.objects.get(row_id=row_id)
    assert (stored.accepted, stored.values, stored.fingerprint) == (False, {}, "")
    clinic.at(vn(23, 9))
    clinic.at(vn(23, 11))
    assert len(clinic.channel.sent) == 1


def test_neighbours_in_the_batch_are_taken(patient, clinic, owner):
    erase(customer=patient, actor=owner, now=vn(21, 15))
    other = factories.visit(Mã_khách_hàng="KH2", Họ_và_tên="Lê Văn Tám", Số_điện_thoại="0909090909")
    rows = [factories.sheet_row(factories.visit(), row_id="r1"), factories.sheet_row(other, row_id="n1", number=3)]
    answer = json.loads(send_batch(clinic.source, *rows, now=vn(22, 9)).body)
    assert [result["accepted"] for result in answer["results"]] == [False, True]


def test_an_erased_person_who_comes_back_is_let_in_and_old_visits_write_to_nobody(patient, clinic, owner):
    erase(customer=patient, actor=owner, now=vn(21, 15))
    browser = as_(owner)
    unknown = browser.post("/hub/customers/erased/readmit/", {"named": "KH777"}, follow=True)
    assert "Không có khách đã xóa nào" in text(unknown)
    browser.post("/hub/customers/erased/readmit/", {"named": "0912 345 678"})
    assert not ErasureMark.objects.exists()
    Suppression.objects.all().delete()
    again = factories.make_record(clinic.source, now=vn(22, 8), row_id="r1")
    assert (again.is_history, again.customer.code) == (True, "KH001")
    for day in (22, 23, 24):
        clinic.at(vn(day, 9))
        clinic.at(vn(day, 11))
    assert len(clinic.channel.sent) == 1


def test_the_do_not_send_mark_protects_the_phone_without_holding_it(patient, clinic, owner):
    erase(customer=patient, actor=owner, now=vn(21, 15))
    mark = Suppression.objects.get()
    assert suppressions.is_veiled(mark.phone)
    assert "khách đã xóa dữ liệu" in text(as_(owner).get("/hub/do-not-send/"))
    erasure.readmit(workspace=clinic.workspace, named="KH001", actor=owner, now=vn(21, 16))
    clinic.clock.moment = vn(22, 8)
    back = clinic.visit(Dịch_vụ="Niềng răng").customer
    assert "Không gửi tin cho khách này" in text(as_(owner).get(f"/hub/customers/{back.pk}/"))
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 11))
    assert Message.objects.latest("id").reason_code == "suppressed"
    assert len(clinic.channel.sent) == 1


def test_a_forgotten_batch_that_comes_again_is_asked_to_be_sent_anew(clinic, owner):
    row = factories.sheet_row(factories.visit(), row_id="r1")
    first = send_batch(clinic.source, row, batch_id="b-1")
    erase(customer=Customer.objects.get(), actor=owner, now=vn(21, 15))
    again = send_batch(clinic.source, row, batch_id="b-1")
    assert (type(first).__name__, type(again).__name__) == ("Answered", "Reused")


# --- what quotes them, and what may bring them ------------------------------------


def test_no_raw_body_of_their_row_is_kept_when_it_comes_again(patient, clinic, owner):
    erase(customer=patient, actor=owner, now=vn(21, 15))
    send_batch(clinic.source, factories.sheet_row(factories.visit(), row_id="r1"), now=vn(22, 9))
    assert found("912345678", NAME) == []
    assert "khách đã yêu cầu xóa dữ liệu" in Batch.objects.latest("id").answer


def test_a_shared_sheets_cells_no_longer_quote_what_was_typed(patient, clinic, owner):
    link = SheetLink.objects.create(
        source=clinic.source, client_email="a@b.c", spreadsheet_id="1", next_pull_at=vn(21), headers=["Mã", NAME]
    )
    Checkup.objects.update(headers=["Mã", NAME])
    send_batch(clinic.source, factories.sheet_row(factories.visit(Ngày_khám="hôm qua"), row_id="r2"))
    for row_id, quoted in (("r1", "091234567"), ("r2", NAME), ("w1", NAME), ("other", "0909")):
        status = f"Số điện thoại “{quoted}”: thiếu số"
        LinkedRow.objects.create(link=link, row_id=row_id, fingerprint=row_id, request="Đã gửi", status=status)
    erase(customer=patient, actor=owner, now=vn(21, 15))
    cells = {row.row_id: row for row in LinkedRow.objects.all()}
    assert "khách đã yêu cầu xóa dữ liệu" in cells["r1"].status
    assert "khách đã yêu cầu xóa dữ liệu" in cells["r2"].status
    assert "hãy kiểm tra lại" in cells["w1"].status
    assert "0909" in cells["other"].status
    assert {row.fingerprint for row in cells.values()} == set(cells)  # none is sent again by this
    assert found("912345678", "091234567", NAME) == []


def test_a_file_that_stumbled_and_may_go_on_is_waited_for(clinic, owner):
    clinic.visit()
    file = FileImport.objects.create(
        workspace=clinic.workspace, source=clinic.source, name="a.csv", path="a", sha256="x", at=vn(21), state="failed"
    )
    assert erase(customer=Customer.objects.get(), actor=owner, now=vn(21, 15)) == erasure.NotNow.FILE
    FileImport.objects.filter(pk=file.pk).update(ended_at=vn(21))
    assert erase(customer=Customer.objects.get(), actor=owner, now=vn(21, 15)) is None
