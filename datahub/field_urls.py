"""Addresses of the pages that change a column: they are handed who uses it (`usage`), as the Data Hub knows no campaign."""

from django.urls import path

from datahub.views import field

app_name = "columns"
urlpatterns = [
    path("tables/<int:dataset_id>/done/", field.done_value, name="done_value"),
    path("tables/<int:dataset_id>/fields/<slug:key>/", field.edit, name="edit"),
    path("tables/<int:dataset_id>/fields/<slug:key>/archive/", field.archive, name="archive"),
]
