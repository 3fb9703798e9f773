"""Google's two hosts with Google's own paths, and the stage behind them."""

from django.urls import path

from sandbox.google import stage, views

_BOOK = "sheets/v4/spreadsheets/<str:spreadsheet_id>"

urlpatterns = [
    path("oauth/token", views.token),
    # The longer spellings first: an id may hold no colon, but the converter does not know that.
    path(f"{_BOOK}:batchUpdate", views.spreadsheet_change),
    path(f"{_BOOK}/values:batchGet", views.values_batch_get),
    path(f"{_BOOK}/values:batchUpdate", views.values_batch_update),
    path(f"{_BOOK}/values/<path:notation>", views.values),
    path(_BOOK, views.spreadsheet),
    path("faults", stage.faults_page),
    path("stage/books", stage.books_page),
    path("stage/accounts", stage.accounts_page),
    path("sheets/<slug:slug>.json", stage.rows, name="google_rows"),
    path("key/<str:client_email>.json", stage.key_file, name="google_key"),
]
