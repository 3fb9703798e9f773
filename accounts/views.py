"""Logging in and out, and choosing the clinic to work in."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import LoginForm
from accounts.models import Membership, User


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The log-in page; a person already logged in is sent on."""
    onward = _onward(request)
    if request.user.is_authenticated:
        return redirect(onward)
    form = LoginForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        auth.login(request, form.get_user())
        return redirect(onward)
    if getattr(request, "axes_locked_out", False):
        return _locked(request)
    return render(request, "accounts/login.html", {"form": form, "next": onward})


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_GET
@login_required
def workspaces(request: HttpRequest) -> HttpResponse:
    """The clinics this person works in."""
    memberships = Membership.objects.filter(user=cast(User, request.user)).select_related("workspace")
    first = memberships.order_by("id").values_list("workspace_id", flat=True).first()
    current = request.session.get("workspace_id") or first
    memberships = memberships.order_by("workspace__name")
    return render(request, "accounts/workspaces.html", {"memberships": memberships, "current": current})


@require_POST
@login_required
def choose(request: HttpRequest, workspace_id: int) -> HttpResponse:
    """Work in this clinic from now on."""
    membership = Membership.objects.filter(user=cast(User, request.user), workspace_id=workspace_id).first()
    if membership is None:
        raise Http404
    request.session["workspace_id"] = membership.workspace_id
    return redirect(settings.LOGIN_REDIRECT_URL)


def _onward(request: HttpRequest) -> str:
    """Where to go after logging in: the page that was asked for, if it is ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def _locked(request: HttpRequest) -> HttpResponse:
    """Too many wrong passwords. Axes would answer in English, so this page answers and takes the mark away."""
    request.axes_locked_out = False  # type: ignore[attr-defined]  # read by AxesMiddleware on the way out
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
