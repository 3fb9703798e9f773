"""Kết nối: Official Accounts, how they are connected, and their templates."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MemberRequest, fetch, requires
from accounts.roles import Ability
from campaigns import zalo_words
from campaigns.connecting import redirect_uri
from campaigns.forms.account import AccountForm, OAuthForm, OptionsForm, TokensForm
from campaigns.views.oauth import go_to_zalo, tell_connected
from integrations import clock
from integrations.models import DELETED, ENABLED, OfficialAccount
from integrations.zalo import connect, template_sync
from integrations.zalo.api import ZaloDidNotAnswer
from integrations.zalo.oauth import NotConnected

# A browser asks the page whose form leads to another site's page, be it by a redirect.
TO_ZALO = {"form-action": [settings.ZALO_OAUTH_BASE]}


@require_GET
@requires(Ability.VIEW)
def connections(request: MemberRequest) -> HttpResponse:
    """Every account, and how its templates stand."""
    accounts = request.workspace.official_accounts.annotate(
        usable=Count("templates", filter=Q(templates__status=ENABLED)),
        listed=Count("templates", filter=~Q(templates__status=DELETED)),
    )
    return render(request, "campaigns/connections.html", {"accounts": accounts.order_by("name"), "now": clock.now()})


@csp_update(TO_ZALO)
@never_cache
@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def add(request: MemberRequest) -> HttpResponse:
    """Connect an Official Account: by Zalo's own page, or with a pasted pair of tokens."""
    by_zalo = request.POST.get("way") == "oauth"
    asked = request.POST if request.method == "POST" else None
    oauth_form = OAuthForm(asked if by_zalo else None, auto_id="oauth_%s")
    form = AccountForm(None if by_zalo else asked, workspace=request.workspace)
    if by_zalo and oauth_form.is_valid():
        return go_to_zalo(request, oauth_form.details())
    if (
        form.is_bound
        and form.is_valid()
        and _connected(request, form.cleaned_data["oa_id"], form.details(), form.pair())
    ):
        return redirect("campaigns:connections")
    context = {"form": form, "oauth_form": oauth_form, "redirect_uri": redirect_uri()}
    return render(request, "campaigns/connect.html", context)


def _connected(request: MemberRequest, oa_id: str, details: dict[str, Any], pair: dict[str, str]) -> bool:
    result = connect.connect(
        workspace=request.workspace,
        actor=request.user,
        oa_id=oa_id,
        details=details,
        pair=pair,
        way="paste",
        clock=clock,
    )
    if isinstance(result, NotConnected):
        messages.error(request, zalo_words.not_connected(result))
        return False
    tell_connected(request, result)
    return True


@csp_update(TO_ZALO)
@never_cache
@require_http_methods(["GET", "POST"])
@requires(Ability.MANAGE_CONNECTIONS)
def edit(request: MemberRequest, account_id: int) -> HttpResponse:
    """An account's keys and options, and connecting it again."""
    account = fetch(OfficialAccount.objects.all(), request, id=account_id)
    way = request.POST.get("way", "options") if request.method == "POST" else ""
    if way == "oauth":
        return go_to_zalo(request, _keys_of(account), expected=account.oa_id)
    tokens = TokensForm(request.POST if way == "tokens" else None)
    if tokens.is_bound and tokens.is_valid() and _renewed(request, account, tokens):
        return redirect("campaigns:connections")
    form = OptionsForm(request.POST if way == "options" else None, account=account)
    if way == "options" and form.is_valid():
        changed = connect.change_account(account, changes=form.changes(), actor=request.user, now=clock.now())
        messages.success(request, _("Đã lưu thiết lập của “%(name)s”.") % {"name": account})
        if "app_secret" in changed:
            said = _("Khóa bí mật mới chưa kiểm tra được với Zalo; hệ thống thử khi đổi token lần tới.")
            messages.warning(request, said)
        return redirect("campaigns:connections")
    context = {"account": account, "form": form, "tokens": tokens, "redirect_uri": redirect_uri()}
    return render(request, "campaigns/account_edit.html", context)


def _renewed(request: MemberRequest, account: OfficialAccount, form: TokensForm) -> bool:
    return _connected(request, account.oa_id, _keys_of(account), dict(form.cleaned_data))


def _keys_of(account: OfficialAccount) -> dict[str, Any]:
    return {name: getattr(account, name) for name in connect.KEYS}


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def sync(request: MemberRequest, account_id: int) -> HttpResponse:
    """Đồng bộ mẫu tin."""
    account = fetch(OfficialAccount.objects.all(), request, id=account_id)
    try:
        synced = template_sync.sync_templates(account=account, clock=clock)
    except ZaloDidNotAnswer as silence:
        messages.error(request, _("Chưa đồng bộ được: Zalo không trả lời. %(said)s") % {"said": silence})
    else:
        _tell_synced(request, account, synced)
    return redirect("campaigns:connections")


def _tell_synced(request: MemberRequest, account: OfficialAccount, synced: template_sync.Synced) -> None:
    facts = {"count": synced.read, "name": account, "deleted": synced.deleted, "failed": synced.failed}
    messages.success(request, _("Đã đồng bộ %(count)s mẫu tin của “%(name)s”.") % facts)
    if synced.deleted:
        messages.info(request, _("%(deleted)s mẫu không còn ở Zalo, được đánh dấu là đã xóa.") % facts)
    if synced.failed:
        messages.warning(request, _("%(failed)s mẫu chưa đọc được nên giữ như cũ; hãy đồng bộ lại sau.") % facts)


@require_POST
@requires(Ability.MANAGE_CONNECTIONS)
def unblock(request: MemberRequest, account_id: int) -> HttpResponse:
    """A person says that the cause is mended: sends go on."""
    account = fetch(OfficialAccount.objects.all(), request, id=account_id)
    connect.unblock(account, actor=request.user, now=clock.now())
    messages.success(request, _("“%(name)s” được gửi tin trở lại.") % {"name": account})
    return redirect("campaigns:connections")
