"""What a customer agreed to or refused, obeyed at the last moment; and the list of who is not written to."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from campaigns import dispatch, progress, recheck, suppressions
from campaigns.models import Message, Suppression
from datahub.models import Consent
from integrations.base import ChannelName, Tag
from integrations.vietnam import local
from tests.accounts.browser import as_, text
from tests.campaigns.patients import REFUSES, waiting
from tests.campaigns.story import PHONE, make_clinic, vn

# --- consent -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "purpose", "reason"),
    [
        (Tag.PROMOTION, "promotion", "promotion_refused"),
        (Tag.PROMOTION, "care", "care_refused"),
        (Tag.CUSTOMER_CARE, "care", "care_refused"),
        (Tag.CUSTOMER_CARE, "promotion", None),
        (Tag.TRANSACTION, "care", None),
        (Tag.TRANSACTION, "promotion", None),
    ],
)
def test_a_refusal_stops_what_was_refused_at_the_last_look(workspace, channel, owner, tag, purpose, reason):
    clinic = make_clinic(workspace, channel, tag=tag)
    customer = waiting(clinic)
    as_(owner).post(f"/hub/customers/{customer.pk}/consent/", {"purpose": purpose, **REFUSES})
    clinic.tick()
    message = clinic.message()
    refused = message.reason_code if message.reason_code in ("promotion_refused", "care_refused") else None
    assert refused == reason
    if reason:
        assert (message.state, channel.sent) == ("skipped", [])


def test_a_refusal_that_comes_after_the_claim_still_stops_the_message(clinic, owner):
    customer = waiting(clinic)
    progress.advance(now=clinic.clock.now(), limit=10)
    _, leased = dispatch.claim(account=clinic.account, clock=clinic.clock, limit=10)
    as_(owner).post(f"/hub/customers/{customer.pk}/consent/", {"purpose": "care", **REFUSES})
    today = local(clinic.clock.now()).date()
    assert len(leased) == 1
    assert recheck.still_good(clinic.account, ChannelName(leased[0].channel), leased, clinic.clock, today) == []


def test_silence_stops_an_offer_only_where_the_clinic_asks_first(workspace, channel, owner):
    clinic = make_clinic(workspace, channel, tag=Tag.PROMOTION)
    customer = waiting(clinic)
    as_(owner).post("/hub/do-not-send/offers/", {"asks": "on"})
    clinic.tick()
    assert clinic.message().reason_code == "consent_missing"
    assert AuditEntry.objects.filter(action="workspace.asks_before_offers", facts={"asks": True}).count() == 1
    as_(owner).post(f"/hub/customers/{customer.pk}/consent/", {"purpose": "promotion", **REFUSES, "granted": "yes"})
    Message.objects.update(state="scheduled", reason_code="")
    clinic.tick()
    assert clinic.message().reason_code == "promotion_not_eligible"  # the guard's own rule, after ours


def test_words_are_only_added_and_the_newest_stands(patient, owner, colleague):
    address = f"/hub/customers/{patient.pk}/consent/"
    as_(colleague).post(address, {"purpose": "promotion", **REFUSES})
    as_(owner).post(address, {"purpose": "promotion", **REFUSES, "granted": "yes"})
    patient.refresh_from_db()
    assert patient.promotion is True
    assert [(word.granted, str(word.by)) for word in Consent.objects.order_by("id")] == [
        (False, "letan"),
        (True, "chu"),
    ]


def test_a_word_without_proof_is_none(patient, owner):
    answer = as_(owner).post(
        f"/hub/customers/{patient.pk}/consent/", {"purpose": "promotion", "granted": "no"}, follow=True
    )
    assert "Chưa ghi nhận được" in text(answer)
    assert not Consent.objects.exists()


# --- do not send -------------------------------------------------------------


def test_a_customer_on_the_list_gets_nothing_and_again_after_a_lift(clinic, owner):
    customer = waiting(clinic)
    as_(owner).post(f"/hub/customers/{customer.pk}/stop/", {"reason": "asked"})
    clinic.tick()
    assert (clinic.message().reason_code, clinic.channel.sent) == ("suppressed", [])
    mark = Suppression.objects.get()
    assert suppressions.lift(mark=mark, actor=owner, now=vn(21, 12))
    assert not suppressions.lift(mark=mark, actor=owner, now=vn(21, 12))
    clinic.clock.moment = vn(21, 12)
    clinic.visit(Dịch_vụ="Lấy cao răng")
    clinic.at(vn(22, 9))
    clinic.at(vn(22, 11))
    assert len(clinic.channel.sent) == 1


def test_a_phone_is_added_in_any_spelling_and_a_wrong_one_says_why(clinic, owner):
    browser = as_(owner)
    browser.post("/hub/do-not-send/add/", {"phone": "+84 912.345.678", "reason": "complained", "note": "Báo xấu"})
    mark = Suppression.objects.get()
    assert (mark.phone, mark.reason_code, mark.until, str(mark.created_by)) == (PHONE, "complained", None, "chu")
    wrong = browser.post("/hub/do-not-send/add/", {"phone": "09123", "reason": "other"})
    assert "thiếu chữ số" in text(wrong)
    past = browser.post("/hub/do-not-send/add/", {"phone": "0912345678", "reason": "other", "until": "2020-01-01"})
    assert "Ngày này đã qua" in text(past)
    assert Suppression.objects.count() == 1


def test_a_lifting_is_taken_back(clinic, owner):
    browser = as_(owner)
    browser.post("/hub/do-not-send/add/", {"phone": "0912345678", "reason": "asked"})
    mark = Suppression.objects.get()
    browser.post(f"/hub/do-not-send/{mark.pk}/lift/")
    assert "đã hết" in text(browser.get("/hub/do-not-send/"))
    browser.post(f"/hub/do-not-send/{mark.pk}/put-back/")
    mark.refresh_from_db()
    assert mark.until is None


@pytest.mark.parametrize(
    ("held", "asked", "stays"),
    [
        (None, vn(25), None),
        (vn(29), vn(25), vn(29)),
        (vn(22), vn(25), vn(25)),
        (vn(20), vn(25), vn(25)),
        (vn(22), None, None),
    ],
)
def test_a_person_s_mark_never_shortens_one(workspace, owner, held, asked, stays):
    Suppression.objects.create(workspace=workspace, phone=PHONE, reason_code="asked", until=held, created_at=vn(1))
    mark = suppressions.stop(
        workspace=workspace, phone=PHONE, reason="other", note="", until=asked, actor=owner, now=vn(21)
    )
    assert mark.until == stays


def test_a_mark_for_zalo_alone_becomes_one_for_every_way(workspace, owner):
    Suppression.objects.create(
        workspace=workspace, phone=PHONE, way="zalo", reason_code="not_on_zalo", created_at=vn(1)
    )
    mark = suppressions.stop(
        workspace=workspace, phone=PHONE, reason="asked", note="", until=vn(25), actor=owner, now=vn(21)
    )
    assert (mark.way, mark.until) == ("", vn(25))
