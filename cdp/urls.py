"""Every address of the system."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from campaigns.explain import planned_notes
from campaigns.webhooks import zalo_webhook
from cdp.health import healthz, metrics
from datahub.webhooks import sheet_webhook

urlpatterns: list[URLPattern | URLResolver] = [
    # The Data Hub may not know campaigns: what a row may expect next is handed to it here.
    path("hooks/sheets/<str:key>", sheet_webhook, {"annotate": planned_notes}),
    path("hooks/zalo/<str:app_id>", zalo_webhook),
    path("healthz", healthz),
    path("metrics", metrics),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("accounts.urls")),
    path("", include("campaigns.urls")),
    path("hub/", include("datahub.urls")),
]
if settings.CDP_SANDBOX:
    urlpatterns.append(path("sandbox/", include("sandbox.urls")))
