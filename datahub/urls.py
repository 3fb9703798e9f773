"""Addresses of the Data Hub."""

from django.urls import path

from datahub import views

app_name = "datahub"
urlpatterns = [
    path("", views.home, name="home"),
    path("tables/<int:dataset_id>/", views.records, name="records"),
    path("tables/<int:dataset_id>/fields/", views.fields, name="fields"),
    path("records/<int:record_id>/status/", views.set_status, name="set_status"),
    path("errors/", views.errors, name="errors"),
    path("sources/", views.sources, name="sources"),
    path("sources/<int:source_id>/", views.source, name="source"),
    path("sources/<int:source_id>/secret/", views.reveal_secret, name="reveal_secret"),
    path("script/", views.script, name="script"),
]
