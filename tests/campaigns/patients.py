"""What tests of customers share: a refusal as the form sends it, somebody who waits for a message, and a customer's page."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.models import User
from datahub.models import Customer
from tests.accounts.browser import as_
from tests.campaigns.story import Clinic, vn

REFUSES = {"granted": "no", "proof": "Gọi điện 10:00", "wording": "mẫu 2026-11"}


def waiting(clinic: Clinic, **changes: str) -> Customer:
    """A visit whose message is due at 11:00; the clock stands just before."""
    clinic.visit(**changes)
    clinic.at(vn(21, 9))
    clinic.clock.moment = vn(21, 11)
    return Customer.objects.get(code=changes.get("Mã_khách_hàng", "KH001"))


def page(person: User, customer: Customer, **asked: str) -> HttpResponse:
    """The customer's page as this person gets it."""
    answer: HttpResponse = as_(person).get(f"/hub/customers/{customer.pk}/", asked)
    return answer
