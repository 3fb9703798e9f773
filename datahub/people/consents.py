"""What people said of being written to: each word with its proof, none ever changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.audit import record_audit
from accounts.models import User
from datahub.models import Consent, Customer


def said_by(customer: Customer) -> QuerySet[Consent]:
    """The person's words under whatever code, newest first."""
    mine = Q(customer=customer.pk) | Q(customer__merged_into=customer.pk)
    return Consent.objects.filter(mine).order_by("-at", "-id")


@transaction.atomic
def record_consent(
    *, customer: Customer, purpose: str, granted: bool, proof: str, wording: str, actor: User, now: datetime
) -> Consent:
    """Add one word of the person, given to `actor` with this proof. From now on it stands, until the next."""
    # Before anything: who the person is may be changing this moment, and the word must count wherever they are.
    fresh = Customer.objects.select_for_update(of=("self",)).select_related("merged_into").get(pk=customer.pk)
    consent = Consent.objects.create(
        workspace_id=customer.workspace_id,
        customer=customer,
        purpose=purpose,
        granted=granted,
        proof=proof,
        wording=wording,
        by=actor,
        at=now,
    )
    heed(fresh.merged_into or fresh)
    record_audit(
        workspace=customer.workspace,
        actor=actor,
        action="customer.consent",
        subject=customer.pk,
        now=now,
        purpose=purpose,
        granted=granted,
    )
    return consent


def heed(customer: Customer) -> None:
    """Bring `care` and `promotion` up to the newest words. Inside the transaction that changed whose words they are."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    stands: dict[str, bool] = {}
    for purpose, granted in said_by(customer).values_list("purpose", "granted"):
        stands.setdefault(purpose, granted)
    customer.care, customer.promotion = stands.get(Consent.Purpose.CARE), stands.get(Consent.Purpose.PROMOTION)
    customer.save(update_fields=["care", "promotion"])
