"""The four steps from an empty workspace to a first message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns.models import Campaign


@dataclass(frozen=True)
class Step:
    """One thing to do, and where."""

    title: str | Promise
    text: str | Promise
    done: bool
    view: str
    is_next: bool = False


def steps(workspace: Workspace) -> list[Step]:
    """What is done and what comes next; empty once every step is done."""
    campaigns = list(workspace.campaigns.select_related("version"))
    sends = [each for each in campaigns if not each.definition.syncs]
    chosen = any(step.template for each in sends for step in each.definition.sends)
    active = bool(campaigns) and any(all(_is_active(each) for each in _group(campaigns, first)) for first in campaigns)
    written = workspace.records.exists()
    found = [
        Step(
            _("Dùng một mẫu chiến dịch"),
            _("Mở Thư viện mẫu, chọn kịch bản, bấm Sử dụng mẫu rồi Khởi tạo mẫu."),
            bool(campaigns),
            "campaigns:library",
        ),
        Step(
            _("Chọn mẫu tin ZNS"),
            _("Mở chiến dịch gửi tin trong nhóm vừa tạo và chọn mẫu đã được Zalo duyệt."),
            chosen,
            "campaigns:list",
        ),
        Step(_("Kích hoạt"), _("Kích hoạt cả hai chiến dịch: đồng bộ dữ liệu và gửi tin."), active, "campaigns:list"),
        Step(
            _("Gửi dòng đầu tiên"),
            _("Trong Google Sheet, đặt Gửi webhook = Đã gửi ở một dòng Đã hoàn thành."),
            written,
            "datahub:sources",
        ),
    ]
    following = next((step for step in found if not step.done), None)
    return [replace(step, is_next=step is following) for step in found] if following else []


def _group(campaigns: list[Campaign], of: Campaign) -> list[Campaign]:
    return [each for each in campaigns if each.group_id == of.group_id]


def _is_active(campaign: Campaign) -> bool:
    return campaign.state == Campaign.State.ACTIVE
