"""Addresses of logging in and choosing a clinic."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("workspaces/", views.workspaces, name="workspaces"),
    path("workspaces/<int:workspace_id>/", views.choose, name="choose"),
]
