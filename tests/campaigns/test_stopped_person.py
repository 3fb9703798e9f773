"""A person who is not to be written to is a person: another phone, another code are theirs as well."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from campaigns import suppressions
from campaigns.models import Message, Suppression
from datahub.models import Customer, Merge
from datahub.people.merging import merge
from tests.accounts.browser import as_
from tests.campaigns.story import Clinic, vn

OTHER_PHONE = "0903555666"


@pytest.fixture
def stopped(clinic: Clinic, owner: User) -> Customer:
    """Somebody who asked, on the customer's page, not to be written to."""
    clinic.visit(Dịch_vụ="Khám")
    customer = Customer.objects.get()
    as_(owner).post(f"/hub/customers/{customer.pk}/stop/", {"reason": "asked", "note": "", "until": ""})
    return customer


def outcome(clinic: Clinic) -> tuple[str, str]:
    """What became of the newest message once its hour came."""
    clinic.at(vn(21, 9))
    clinic.at(vn(21, 11))
    message = Message.objects.order_by("-id")[0]
    return message.state, message.reason_code


def test_another_phone_of_theirs_is_not_written_to(clinic: Clinic, stopped: Customer) -> None:
    clinic.visit(Số_điện_thoại=OTHER_PHONE)
    assert outcome(clinic) == ("skipped", "suppressed")
    assert not Message.objects.filter(sent_at__isnull=False).exists()


def test_their_family_on_another_code_and_phone_is(clinic: Clinic, stopped: Customer) -> None:
    clinic.visit(Mã_khách_hàng="KH777", Số_điện_thoại=OTHER_PHONE)
    assert outcome(clinic)[0] == "sent"


def test_the_code_they_are_merged_into_is_not_written_to_either(clinic: Clinic, stopped: Customer, owner: User) -> None:
    clinic.visit(Mã_khách_hàng="KH777", Số_điện_thoại=OTHER_PHONE)
    kept = Customer.objects.get(code="KH777")
    gone = Customer.objects.get(pk=stopped.pk)
    assert isinstance(merge(kept=kept, gone=gone, actor=owner, now=vn(21, 8)), Merge)
    assert outcome(clinic) == ("skipped", "suppressed")


def test_lifting_the_last_mark_lets_the_person_be_written_to_and_putting_it_back_stops_them(
    clinic: Clinic, stopped: Customer, owner: User
) -> None:
    mark, later = Suppression.objects.get(), clinic.clock.moment + timedelta(hours=1)
    assert suppressions.lift(mark=mark, actor=owner, now=later)
    stopped.refresh_from_db()
    assert not stopped.is_stopped(later)
    suppressions.put_back(mark=mark, actor=owner, now=later + timedelta(minutes=1))
    stopped.refresh_from_db()
    assert stopped.is_stopped(later + timedelta(hours=1))


def test_a_shorter_stop_never_ends_a_longer_one(clinic: Clinic, stopped: Customer, owner: User) -> None:
    why: dict[str, Any] = {"reason": "asked", "note": "", "actor": owner, "now": vn(21)}
    suppressions.stop_person(customer=stopped, phones=[], until=vn(24), **why)
    stopped.refresh_from_db()
    assert stopped.stopped_until is None
