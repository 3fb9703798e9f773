"""Addresses of the pages for other programs: the API and JSON webhooks."""

from django.urls import path

from datahub.views import json_sources, tokens

urlpatterns = [
    path("api/", tokens.api, name="api"),
    path("api/reference/", tokens.reference, name="api_reference"),
    path("api/tokens/<int:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("tables/<int:dataset_id>/api/", tokens.switch, name="api_switch"),
    path("sources/json/", json_sources.new, name="json_new"),
    path("sources/<int:source_id>/json/", json_sources.edit, name="json"),
    path("sources/<int:source_id>/json/signature/", json_sources.signature, name="json_signature"),
    path("sources/<int:source_id>/json/open/", json_sources.switch, name="json_switch"),
]
