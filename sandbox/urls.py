"""The addresses of the training ground, all under /sandbox/."""

from django.urls import include, path
from django.views.generic import RedirectView

from sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="sandbox:inbox"), name="home"),
    path("clock", views.clock_page, name="clock"),
    path("zalo/", include("sandbox.zalo.urls")),
    path("esms/", include("sandbox.esms.urls")),
    path("sheet/", include("sandbox.sheet.urls")),
    path("google/", include("sandbox.google.urls")),
]
