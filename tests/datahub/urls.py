"""The sheet's addresses alone, with a note for every record."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import path

from datahub.models import Record
from datahub.webhooks import sheet_checkup, sheet_pulse, sheet_webhook


def annotate(records: Sequence[Record], now: datetime) -> dict[int, str]:
    """A note that names the record and the moment, so that tests see whose note it is."""
    return {record.pk: f"{record.row_id} lúc {now:%H:%M}" for record in records}


urlpatterns = [
    path("hooks/sheets/<str:key>", sheet_webhook, {"annotate": annotate}),
    path("hooks/sheets/<str:key>/pulse", sheet_pulse),
    path("hooks/sheets/<str:key>/checkup", sheet_checkup),
]
