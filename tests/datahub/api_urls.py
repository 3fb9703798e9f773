"""The doors of other programs alone."""

from __future__ import annotations

from django.urls import path

from campaigns.explain import planned_notes
from cdp import api
from datahub.json.webhooks import json_webhook

urlpatterns = [
    path("api/v1/", api.urls),
    path("hooks/json/<str:key>", json_webhook, {"annotate": planned_notes}),
]
