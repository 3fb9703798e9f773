"""Addresses of the Data Hub."""

from django.urls import path

from datahub.views import errors, fields, records, sources

app_name = "datahub"
urlpatterns = [
    path("", records.home, name="home"),
    path("tables/<int:dataset_id>/", records.records, name="records"),
    path("tables/<int:dataset_id>/fields/", fields.fields, name="fields"),
    path("records/<int:record_id>/status/", records.set_status, name="set_status"),
    path("errors/", errors.errors, name="errors"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<int:source_id>/", sources.source, name="source"),
    path("sources/<int:source_id>/secret/", sources.reveal_secret, name="reveal_secret"),
    path("script/", sources.script, name="script"),
]
