"""Every address of the system."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from campaigns.dependants import field_uses
from campaigns.explain import planned_notes
from campaigns.webhooks import zalo_webhook
from cdp import api
from cdp.health import healthz, metrics
from datahub.json.webhooks import json_webhook
from datahub.webhooks import sheet_checkup, sheet_pulse, sheet_webhook

urlpatterns: list[URLPattern | URLResolver] = [
    # The Data Hub may not know campaigns: what a row may expect next is handed to it here.
    path("hooks/sheets/<str:key>", sheet_webhook, {"annotate": planned_notes}),
    path("hooks/sheets/<str:key>/pulse", sheet_pulse),
    path("hooks/sheets/<str:key>/checkup", sheet_checkup),
    path("hooks/json/<str:key>", json_webhook, {"annotate": planned_notes}),
    path("hooks/zalo/<str:app_id>", zalo_webhook),
    path("api/v1/", api.urls),
    path("healthz", healthz),
    path("metrics", metrics),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("accounts.urls")),
    path("", include("campaigns.urls")),
    path("hub/", include("datahub.urls")),
    path("hub/", include("datahub.field_urls"), {"usage": field_uses}),
]
if settings.CDP_SANDBOX:
    urlpatterns.append(path("sandbox/", include("sandbox.urls")))
