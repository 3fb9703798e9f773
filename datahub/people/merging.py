"""Two codes that are one person: put together by a person, and taken apart again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.audit import record_audit
from accounts.models import User
from datahub.models import Customer, Merge, Record
from datahub.people import consents
from datahub.people.customers import hold_intake


class CannotMerge(StrEnum):
    """Why two customers stay two."""

    SAME = "same"
    MERGED = "merged"
    ERASED = "erased"


@transaction.atomic
def merge(*, kept: Customer, gone: Customer, actor: User, now: datetime) -> Merge | CannotMerge:
    """Move what `gone` has to `kept`, of the same clinic, or say why not. `now` is UTC.

    Rows that name the old code later go to `kept` too: datahub.upsert asks. Consents stay with the code they were said
    under and count for both. What a message's key is made from does not change, so nobody is written to twice.
    """
    hold_intake(kept.workspace)
    rows = Customer.objects.filter(pk__in=[kept.pk, gone.pk]).order_by("pk").select_for_update(of=("self",))
    fresh = {row.pk: row for row in rows}
    kept, gone = fresh[kept.pk], fresh[gone.pk]
    if refusal := _refusal(kept, gone):
        return refusal
    moved = {
        "records": list(gone.records.order_by("pk").values_list("pk", flat=True)),
        "customers": list(gone.merged.order_by("pk").values_list("pk", flat=True)),
        "labels": list(gone.labels.exclude(pk__in=kept.labels.values("pk")).values_list("pk", flat=True)),
    }
    done = Merge.objects.create(workspace_id=kept.workspace_id, kept=kept, gone=gone, moved=moved, by=actor, at=now)
    gone.records.update(customer=kept)
    # One step from any code to its person: a chain would cost a question for each link.
    Customer.objects.filter(merged_into=gone).update(merged_into=kept)
    Customer.objects.filter(pk=gone.pk).update(merged_into=kept)
    kept.labels.add(*moved["labels"])
    consents.heed(kept)
    _stop_as(kept, gone)
    _audit("customer.merge", done, actor, now)
    return done


def _stop_as(kept: Customer, gone: Customer) -> None:
    """Who asked under one code not to be written to asked it as a person: the longer stop holds. Unmerging leaves it."""
    if gone.stopped_at is None or (kept.stopped_at is not None and kept.stopped_until is None):
        return
    ends = [end for end in (gone.stopped_until, kept.stopped_until) if end]
    kept.stopped_until = max(ends) if gone.stopped_until else None
    kept.stopped_at = gone.stopped_at
    kept.save(update_fields=["stopped_at", "stopped_until"])


def _refusal(kept: Customer, gone: Customer) -> CannotMerge | None:
    if kept.pk == gone.pk:
        return CannotMerge.SAME
    if kept.erased_at or gone.erased_at:
        return CannotMerge.ERASED
    return CannotMerge.MERGED if kept.merged_into_id or gone.merged_into_id else None


@transaction.atomic
def unmerge(*, done: Merge, actor: User, now: datetime) -> bool:
    """Give `gone` back what it had, and the rows that named its code since. False where it was done already.

    A customer that was erased meanwhile stays as it is.
    """
    hold_intake(done.workspace)
    gone = Customer.objects.select_related("merged_into").get(pk=done.gone_id)
    holder = gone.merged_into
    if holder is None or holder.erased_at:
        return False
    if not Merge.objects.filter(pk=done.pk, undone_at=None).update(undone_at=now):
        return False
    # Those that were taken apart meanwhile and merged anew are where somebody put them.
    anew = Merge.objects.filter(gone=OuterRef("pk"), pk__gt=done.pk, undone_at=None)
    back = Customer.objects.filter(~Exists(anew), pk__in=done.moved["customers"], merged_into=holder)
    returning = [*back.values_list("pk", flat=True)]
    codes = {gone.code, *back.values_list("code", flat=True)}
    Record.objects.filter(pk__in=_of_codes(holder, codes)).update(customer=gone)
    Customer.objects.filter(pk__in=returning).update(merged_into=gone)
    Customer.objects.filter(pk=gone.pk).update(merged_into=None)
    for labels, bearer in _labels_given(done, holder):
        bearer.labels.remove(*labels)
    consents.heed(holder)
    consents.heed(Customer.objects.get(pk=gone.pk))
    _audit("customer.unmerge", done, actor, now)
    return True


def _labels_given(done: Merge, holder: Customer) -> Iterator[tuple[list[int], Customer]]:
    """What the merge put on `kept`, and whoever holds that by now: labels they had of themselves stay theirs."""
    labels = done.moved["labels"]
    yield labels, done.kept
    if holder.pk != done.kept_id:
        onward = Merge.objects.filter(gone=done.kept_id, undone_at=None).first()
        yield [label for label in labels if onward and label in onward.moved["labels"]], holder


def _of_codes(holder: Customer, codes: Iterable[str]) -> list[int]:
    """The holder's visits whose row names one of the codes: it says whose they are, whenever it came."""
    wanted = set(codes)
    visits = holder.records.values_list("pk", "values")
    return [pk for pk, values in visits if str(values.get("customer_id", "")).upper() in wanted]


def _audit(action: str, done: Merge, actor: User, now: datetime) -> None:
    """Once for each of the two, so that both pages tell it."""
    facts = {"kept": done.kept_id, "gone": done.gone_id, "merge": done.pk, "records": len(done.moved["records"])}
    for customer in (done.kept_id, done.gone_id):
        record_audit(workspace=done.workspace, actor=actor, action=action, subject=customer, now=now, **facts)
