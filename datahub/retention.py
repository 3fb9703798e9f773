"""What came from outside is kept as it came only for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from datahub.models import Batch

# Holds something still. The index `batch_to_forget` has this condition.
_WHOLE = ~Q(body="") | ~Q(answer="")


def forget_bodies(now: datetime, limit: int) -> int:
    """Empty the bodies and answers of batches older than BATCHES_KEPT_DAYS, `limit` at most; return how many. `now` is UTC.

    The id and the digest stay: the same batch is never taken in twice, its sheet is told to send anew (datahub.ingest).
    """
    old = Batch.objects.filter(_WHOLE, received_at__lt=now - timedelta(days=settings.BATCHES_KEPT_DAYS))
    oldest = old.order_by("received_at").values("pk")[:limit]
    return Batch.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).update(body="", answer="")
