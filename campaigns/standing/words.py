"""PURE but for the language. How an account stands with Zalo, said in the words of its pages."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.words import grouped
from integrations.base import Brake, Tag
from integrations.zalo.forecast import Formula, Idle
from integrations.zalo.standing import LOW

BRAKES = {
    Brake.NONE: gettext_lazy("Gửi bình thường"),
    Brake.SLOW: gettext_lazy("Gửi chậm lại"),
    Brake.HOLD_PROMOTION: gettext_lazy("Giữ tin hậu mãi"),
    Brake.ONLY_TRANSACTION: gettext_lazy("Chỉ gửi tin giao dịch"),
}
BRAKE_SENTENCES = {
    Brake.NONE: gettext_lazy("Báo xấu hôm nay còn ít nên mọi loại tin được gửi bình thường."),
    Brake.SLOW: gettext_lazy(
        "Tin chăm sóc và hậu mãi dùng chung một số ít chỗ mỗi giờ cho tới nửa đêm; tin giao dịch vẫn gửi ngay."
    ),
    Brake.HOLD_PROMOTION: gettext_lazy(
        "Tin hậu mãi chờ đến nửa đêm, tin chăm sóc gửi chậm lại; tin giao dịch vẫn gửi ngay."
    ),
    Brake.ONLY_TRANSACTION: gettext_lazy(
        "Tin chăm sóc và hậu mãi chờ đến nửa đêm; chỉ tin giao dịch được gửi. Không tin nào bị mất."
    ),
}
# What is not sent before midnight.
HELD = {
    Brake.HOLD_PROMOTION: gettext_lazy("Tin hậu mãi"),
    Brake.ONLY_TRANSACTION: gettext_lazy("Tin chăm sóc và hậu mãi"),
}
# Of one template: a hold is a hold, whatever it means for an account.
TEMPLATE_BRAKES = {
    Brake.NONE: gettext_lazy("Gửi bình thường"),
    Brake.SLOW: gettext_lazy("Gửi chậm lại"),
    Brake.HOLD_PROMOTION: gettext_lazy("Tạm giữ"),
    Brake.ONLY_TRANSACTION: gettext_lazy("Tạm giữ"),
}
BRAKE_TONES = {Brake.NONE: "ok", Brake.SLOW: "warn", Brake.HOLD_PROMOTION: "warn", Brake.ONLY_TRANSACTION: "bad"}
QUALITIES = {
    "HIGH": gettext_lazy("Tốt"),
    "MEDIUM": gettext_lazy("Trung bình"),
    "LOW": gettext_lazy("Kém"),
    "UNDEFINED": gettext_lazy("Chưa đủ dữ liệu"),
}
QUALITY_TONES = {"HIGH": "ok", "MEDIUM": "warn", "LOW": "bad"}
IDLE = {
    Idle.PAUSED: gettext_lazy("chiến dịch đang tạm dừng"),
    Idle.DRAFT: gettext_lazy("chiến dịch chưa kích hoạt"),
    Idle.NO_TEMPLATE: gettext_lazy("bước gửi chưa chọn mẫu tin"),
    Idle.TEMPLATE_OFF: gettext_lazy("mẫu tin chưa được duyệt hoặc đã bị tắt"),
}


def template_brake(tag: Tag, brake: Brake, quality: str) -> str:
    """What a template's own brake does to its messages, and until when; empty for none."""
    if brake == Brake.NONE:
        return ""
    if tag == Tag.TRANSACTION:
        return _("Tin giao dịch vẫn gửi ngay.")
    if brake == Brake.SLOW:
        held = _("Mẫu này chỉ được gửi một số ít tin mỗi giờ")
    else:
        held = _("Tin của mẫu này được giữ lại, không mất")
    until = _("cho tới khi Zalo thôi xếp mẫu loại kém") if quality == LOW else _("cho tới nửa đêm")
    return f"{held}, {until}."


def quota_name(quota: int | None) -> str:
    """20.000; Không giới hạn."""
    return _("Không giới hạn") if quota is None else grouped(quota)


def formula(made: Formula) -> str:
    """(15.000 + 45.000) ÷ 6 = 10.000, with the first month's bonus where there is one."""
    terms = " + ".join(grouped(term) for term in made.terms)
    bonus = f" + {grouped(made.bonus)}" if made.bonus else ""
    return f"({terms}) ÷ {made.divisor}{bonus} = {grouped(made.result)}"
