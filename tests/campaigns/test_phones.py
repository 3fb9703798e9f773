"""A phone that a Zalo user typed is only said: patients are written to there once the clinic confirmed it."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from accounts.models import AuditEntry
from campaigns import phones
from integrations.models import ZaloUser
from tests import factories
from tests.accounts.browser import as_, text
from tests.campaigns.events import hear
from tests.campaigns.standings import page
from tests.campaigns.story import PHONE, Clinic, make_account, vn
from tests.campaigns.waystory import UID, ZNS, Ways, allow, every_way, sent

TYPED = "Người dùng Zalo tự nhập số điện thoại"


@pytest.fixture
def ways(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """By user id or by phone."""
    every = every_way(clinic, monkeypatch)
    allow(clinic, UID, ZNS)
    return every


def typed(clinic: Clinic, phone: str = PHONE, hour: int = 8) -> ZaloUser:
    """A stranger types this phone into the account's form."""
    hear(clinic, "user_submit_info", vn(21, hour), sender={"id": "stranger"}, info={"phone": phone})
    return ZaloUser.objects.get(user_id="stranger")


def visited(clinic: Clinic) -> None:
    """The patient comes, and the message falls due."""
    clinic.visit()
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))


def test_a_stranger_who_types_a_patients_phone_gets_nothing_of_the_patient(clinic: Clinic, ways: Ways) -> None:
    typed(clinic)
    visited(clinic)
    assert sent(ways) == {ZNS: 1}
    assert clinic.message().user_id == ""


def test_a_phone_the_clinic_confirmed_is_written_to_by_user_id(clinic: Clinic, ways: Ways, owner: Any) -> None:
    person = typed(clinic)
    assert phones.unconfirmed(clinic.account) == [person]
    now = vn(21, 8, 30)
    assert phones.confirm_phone(account=clinic.account, user=person.pk, phone=PHONE, actor=owner, now=now)
    assert phones.unconfirmed(clinic.account) == []
    typed(clinic, hour=9)
    visited(clinic)
    assert (sent(ways), clinic.message().user_id) == ({UID: 1}, "stranger")
    entry = AuditEntry.objects.get(action="account.phone")
    assert (entry.actor, entry.at, entry.facts) == (owner, now, {"user": person.pk})


def test_another_phone_than_the_confirmed_one_is_only_said_again(clinic: Clinic, owner: Any) -> None:
    person = typed(clinic)
    phones.confirm_phone(account=clinic.account, user=person.pk, phone=PHONE, actor=owner, now=vn(21, 9))
    typed(clinic, "84987654321", hour=10)
    person.refresh_from_db()
    assert (person.phone, person.phone_confirmed_at) == ("84987654321", None)


@pytest.mark.parametrize("phone", ["84987654321", ""])
def test_only_the_phone_that_was_seen_is_confirmed(clinic: Clinic, owner: Any, phone: str) -> None:
    person = typed(clinic)
    confirm = {"account": clinic.account, "user": person.pk, "actor": owner, "now": vn(21, 9)}
    assert not phones.confirm_phone(phone=phone, **confirm)
    other = make_account(factories.make_workspace("Khác"), oa_id="oa-khác")
    assert not phones.confirm_phone(phone=PHONE, **confirm | {"account": other})
    assert not AuditEntry.objects.filter(action="account.phone").exists()


def test_the_page_lists_typed_phones_and_takes_the_confirmation(clinic: Clinic, owner: Any) -> None:
    person, browser = typed(clinic), as_(owner)
    with time_machine.travel(vn(21, 11), tick=False):
        assert TYPED in text(browser.get(page(clinic.account)))
        confirm = f"{page(clinic.account)}people/{person.pk}/confirm/"
        assert "Không xác nhận được" in text(browser.post(confirm, {"phone": "84987654321"}, follow=True))
        done = text(browser.post(confirm, {"phone": PHONE}, follow=True))
    assert "Đã xác nhận số điện thoại" in done
    assert TYPED not in done


def test_who_does_not_manage_connections_sees_no_phone(clinic: Clinic, viewer: Any) -> None:
    typed(clinic)
    with time_machine.travel(vn(21, 11), tick=False):
        shown = text(as_(viewer).get(page(clinic.account)))
    assert TYPED not in shown
    assert PHONE not in shown
