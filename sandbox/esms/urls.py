"""eSMS's own path, and the SMS that arrived."""

from django.urls import path

from sandbox.esms import services, views

urlpatterns = [
    path(services.PATH.removeprefix("/"), views.send),
    path("sms.json", views.as_json, name="sms_json"),
]
