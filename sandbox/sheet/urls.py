"""The addresses of the practice sheet."""

from django.urls import path

from sandbox.sheet import views

urlpatterns = [
    path("", views.sheet_page, name="sheet"),
    path("Code.gs", views.code_gs, name="code_gs"),
    path("<slug:slug>/", views.sheet_page, name="sheet_page"),
    path("<slug:slug>/save", views.save, name="sheet_save"),
]
