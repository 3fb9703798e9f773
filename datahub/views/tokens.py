"""The API's page: keys, and the tables that are open to them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import tokens
from accounts.access import MemberRequest, fetch, requires
from accounts.models import ApiToken
from accounts.roles import Ability
from datahub.forms.programs import TokenForm
from datahub.models import Dataset, Source
from datahub.programs import api_source, open_api, set_open
from datahub.views.tabs import tabs
from integrations import clock


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def api(request: MemberRequest) -> HttpResponse:
    """Keys and tables. A new key is shown on the page that made it, and nowhere again."""
    workspace = request.workspace
    form, text = TokenForm(request.POST or None), ""
    if form.is_valid():
        made = tokens.issue(workspace=workspace, name=form.cleaned_data["name"], actor=request.user, now=clock.now())
        if made is None:
            form.add_error("name", _("Đã có mã đang dùng mang tên này. Hãy đặt tên khác."))
        else:
            text, form = made[1], TokenForm()
    found = list(ApiToken.objects.filter(workspace=workspace).select_related("created_by").order_by("-id"))
    taking = Source.objects.filter(workspace=workspace, kind=Source.Kind.API, is_open=True)
    context = {
        "form": form,
        "text": text,
        "live": [token for token in found if token.revoked_at is None],
        "gone": [token for token in found if token.revoked_at],
        "open_tables": set(taking.values_list("dataset_id", flat=True)),
        "base": f"{settings.PUBLIC_URL}/api/v1",
        "tab": "api",
    }
    return render(request, "datahub/api.html", context | tabs(workspace))


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def revoke(request: MemberRequest, token_id: int) -> HttpResponse:
    """Take a key back: whatever program still has it is turned away."""
    token = fetch(ApiToken.objects.select_related("workspace"), request, id=token_id)
    if tokens.revoke(token=token, actor=request.user, now=clock.now()):
        messages.success(
            request, _("Đã thu hồi mã “%(name)s”: phần mềm nào còn dùng sẽ bị từ chối.") % {"name": token.name}
        )
    return redirect("datahub:api")


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def switch(request: MemberRequest, dataset_id: int) -> HttpResponse:
    """Open a table to the clinic's keys, or close it."""
    dataset = fetch(Dataset.objects.select_related("workspace"), request, id=dataset_id)
    if request.POST.get("open") == "yes":
        open_api(dataset=dataset, actor=request.user, now=clock.now())
        messages.success(request, _("Bảng “%(name)s” đã nhận dữ liệu qua API.") % {"name": dataset.name})
    elif source := api_source(dataset):
        set_open(source=source, is_open=False, actor=request.user, now=clock.now())
        messages.success(request, _("Bảng “%(name)s” đã thôi nhận dữ liệu qua API.") % {"name": dataset.name})
    return redirect("datahub:api")


@require_GET
@requires(Ability.VIEW)
def reference(request: MemberRequest) -> HttpResponse:
    """Every operation, to read and to try: Swagger UI from our own files."""
    return render(request, "datahub/api_reference.html", {"title": "Data Hub API"})
