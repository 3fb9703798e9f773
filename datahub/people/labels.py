"""Words that a clinic sorts its customers by."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from datahub.models import Customer, Label
from datahub.text import FieldError, clean, fold, quoted

# A list to choose from, not a second database.
MOST = 100
_LONGEST = 40


@transaction.atomic
def add_label(*, customer: Customer, name: str, actor: User, now: datetime) -> Label | FieldError:
    """Put the label on the customer, made if the clinic has none of that name, or why not."""
    wanted = clean(name)
    if not wanted:
        return FieldError("label.empty", "nhãn đang để trống, hãy gõ tên nhãn")
    if len(wanted) > _LONGEST:
        return FieldError("label.too_long", f"{quoted(wanted)}: dài quá {_LONGEST} ký tự, hãy rút ngắn")
    label = _known(customer, wanted)
    if label is None and customer.workspace.labels.count() >= MOST:
        return FieldError("label.too_many", f"đã có {MOST} nhãn, hãy dùng nhãn có sẵn")
    if label is None:
        label, _ = Label.objects.get_or_create(workspace_id=customer.workspace_id, name=wanted)
    customer.labels.add(label)
    _audit("customer.label", customer, label, actor, now)
    return label


@transaction.atomic
def remove_label(*, customer: Customer, label: Label, actor: User, now: datetime) -> None:
    """Take the label off the customer; the last one takes its word with it."""
    customer.labels.remove(label)
    _audit("customer.unlabel", customer, label, actor, now)
    if not label.customers.exists():
        label.delete()


def _known(customer: Customer, wanted: str) -> Label | None:
    """The clinic's label of that name, whatever its case. In Python: databases do not fold Vietnamese letters alike."""
    found = Label.objects.filter(workspace_id=customer.workspace_id)
    return next((label for label in found if fold(label.name) == fold(wanted)), None)


def _audit(action: str, customer: Customer, label: Label, actor: User, now: datetime) -> None:
    record_audit(workspace=customer.workspace, actor=actor, action=action, subject=customer.pk, now=now, label=label.pk)
