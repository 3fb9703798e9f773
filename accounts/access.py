"""The one gate to pages: who is asking, in which workspace, and may they."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, User, Workspace
from accounts.roles import Ability

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request that passed the gate."""

    user: User
    htmx: HtmxDetails
    workspace: Workspace
    membership: Membership


def _membership(request: HttpRequest) -> Membership | None:
    memberships = Membership.objects.filter(user=request.user.pk).select_related("workspace").order_by("id")
    chosen = request.session.get("workspace_id")
    found = list(memberships)
    return next((each for each in found if each.workspace_id == chosen), found[0] if found else None)


def requires(ability: Ability) -> Callable[[View], View]:
    """Let the view run only for a logged-in member with `ability`; it finds `request.workspace` and `.membership` set.

    Anonymous visitors go to the log-in page; a member without the ability, or a user of no workspace, gets a 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            membership = _membership(request)
            if membership is None or not membership.may(ability):
                raise PermissionDenied
            request.membership, request.workspace = membership, membership.workspace
            return view(request, *args, **kwargs)

        guarded.ability = ability  # type: ignore[attr-defined]  # read by the test that visits every URL
        return login_required(guarded)

    return decorate


def fetch(objects: QuerySet[M], request: MemberRequest, **lookup: object) -> M:
    """The object of this request's workspace, or a 404: another clinic's object does not exist here."""
    return get_object_or_404(objects, workspace=request.workspace, **lookup)
