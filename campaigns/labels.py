"""Words for what Zalo and its rules call by a code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

RULES = {
    "daily_quota": _(
        "Tổng số tin OA được gửi trong một ngày, mọi loại nội dung. Tính lại lúc 00:00. Khi gần hết, tin giao dịch đi trước, rồi tin chăm sóc, rồi tin hậu mãi."
    ),
    "promotion_day_quota": _("Tin hậu mãi chỉ được dùng một phần hạn mức ngày (25 % theo quy định 2024)."),
    "promotion_month_quota": _(
        "Bằng 1/6 tổng tin giao dịch và chăm sóc khách đã nhận trong hai tháng liền trước; tháng đầu tiên được cộng thêm. Tính lại ngày 1 hằng tháng. Mỗi khách nhận tối đa 4 tin hậu mãi một tháng."
    ),
    "template_day_quota": _("Zalo giới hạn riêng số tin một ngày của mẫu này."),
}
TEMPLATE_STATUSES = {
    "ENABLE": _("Đã duyệt"),
    "PENDING_REVIEW": _("Đang chờ duyệt"),
    "REJECT": _("Bị từ chối"),
    "DISABLE": _("Bị tắt"),
    "DELETE": _("Đã xóa"),
}
BLOCKED = {
    "grant_broken": _(
        "Token đã bị thu hồi hoặc hết hạn. Hãy lấy access token và refresh token mới, rồi thêm lại OA này."
    ),
    "account_blocked": _(
        "Zalo từ chối ứng dụng hoặc OA. Hãy kiểm tra trạng thái OA, quyền ứng dụng và số dư trên trang Zalo."
    ),
}
