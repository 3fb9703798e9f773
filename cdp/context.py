"""What every page shows around its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations import clock
from integrations.models import OfficialAccount
from integrations.zalo.tokens import GRANT_BROKEN


@dataclass(frozen=True)
class Place:
    """One entry of the navigation. A page belongs to it when its path starts with the entry's."""

    view: str
    label: Any
    icon: str
    on_phone: bool = False

    @property
    def url(self) -> str:
        """Where it leads."""
        return reverse(self.view)

    def holds(self, path: str) -> bool:
        """Whether the page at `path` is in this part of the product."""
        return path == self.url if self.url == "/" else path.startswith(self.url)


PLACES = (
    Place("campaigns:overview", _("Tổng quan"), "home", on_phone=True),
    Place("datahub:home", _("Data Hub"), "table", on_phone=True),
    Place("campaigns:library", _("Thư viện mẫu"), "book"),
    Place("campaigns:list", _("Chiến dịch"), "flow", on_phone=True),
    Place("campaigns:templates", _("Mẫu tin ZNS"), "send"),
    Place("campaigns:messages", _("Nhật ký tin"), "list", on_phone=True),
    Place("campaigns:quota", _("Hạn mức"), "gauge"),
    Place("campaigns:connections", _("Kết nối"), "plug"),
)


def page(request: HttpRequest) -> dict[str, Any]:
    """The workspace, the viewer's membership, the navigation, and the training clock while the sandbox is on."""
    return {
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "places": PLACES,
        "here": next((place for place in PLACES if place.holds(request.path)), None),
        "broken_grants": partial(_broken_grants, getattr(request, "workspace", None)),
        "sandbox": settings.CDP_SANDBOX,
        "sandbox_now": clock.now() if settings.CDP_SANDBOX else None,
    }


def _broken_grants(workspace: Workspace | None) -> list[OfficialAccount]:
    """Accounts that Zalo will not let send, or soon will not. Asked by the frame of whole pages alone, in one query."""
    if workspace is None:
        return []
    broken = Q(grant_refused_at__isnull=False) | Q(blocked_reason=GRANT_BROKEN)
    found = OfficialAccount.objects.filter(broken, workspace=workspace)
    return list(found.only("name", "blocked_reason", "blocked_facts", "token_expires_at").order_by("name"))
