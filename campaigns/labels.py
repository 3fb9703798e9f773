"""Words for what Zalo and its rules call by a code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from campaigns.ladder import Closed
from integrations.base import ChannelName

WAYS = {
    ChannelName.CHAT: _("Tin tư vấn (UID)"),
    ChannelName.UID: _("Mẫu tin qua UID"),
    ChannelName.ZNS: _("ZNS qua số điện thoại"),
    ChannelName.SMS: _("SMS"),
}
# Why a way is closed, as the end of a sentence.
CLOSED = {
    Closed.TRIED: _("đã thử mà không tới"),
    Closed.PROMOTION: _("không dành cho tin hậu mãi"),
    Closed.NOT_ON_ZALO: _("số điện thoại không dùng Zalo"),
    Closed.USER_UNKNOWN: _("chưa biết tài khoản Zalo của khách"),
    Closed.NOT_FOLLOWER: _("khách chưa quan tâm OA"),
    Closed.CHAT_WINDOW_CLOSED: _("đã lâu khách không nhắn cho OA"),
    Closed.TEMPLATE_BY_PHONE_ONLY: _("mẫu tin chỉ gửi được theo số điện thoại"),
    Closed.TEXT_MISSING: _("chưa có lời nhắn"),
    Closed.TEXT_TOO_LONG: _("lời nhắn quá dài"),
    Closed.TOO_DEAR: _("giá cao hơn mức tối đa của bước gửi"),
    Closed.SMS_NOT_CONNECTED: _("chưa kết nối SMS"),
    Closed.SMS_BLOCKED: _("tài khoản SMS đang bị chặn, cần quản trị viên xử lý"),
}
# The gates of a send, by the reason code of what they turn away.
GATES = {
    "daily_quota": _("Hạn mức ngày của OA"),
    "transaction_reserve": _("Phần chung, sau khi chừa chỗ cho tin giao dịch"),
    "promotion_day_quota": _("Tin hậu mãi trong ngày"),
    "promotion_month_quota": _("Tin hậu mãi trong tháng"),
    "user_day_quota": _("Tin hậu mãi cho một khách trong ngày"),
    "user_month_quota": _("Tin hậu mãi cho một khách trong tháng"),
    "template_day_quota": _("Hạn mức ngày của mẫu tin"),
    "frequency_cap": _("Giới hạn số tin cho mỗi khách"),
    "brake_slow": _("Gửi chậm lại vì có báo xấu, mỗi giờ"),
    "brake_held": _("Tạm giữ vì có báo xấu"),
    "template_brake": _("Mẫu tin bị tạm giữ vì có báo xấu"),
}
RULES = {
    "daily_quota": _(
        "Tổng số tin OA được gửi trong một ngày, mọi loại nội dung. Tính lại lúc 00:00. Khi gần hết, tin giao dịch đi trước, rồi tin chăm sóc, rồi tin hậu mãi."
    ),
    "transaction_reserve": _(
        "Tin chăm sóc và hậu mãi dùng chung phần này; phần còn lại của hạn mức ngày để dành cho tin giao dịch. Đặt tỷ lệ ở trang Kết nối."
    ),
    "promotion_day_quota": _("Tin hậu mãi chỉ được dùng một phần hạn mức ngày (25% theo quy định 2024)."),
    "user_day_quota": _("Zalo đếm riêng từng khách, từng OA. Khách đã nhận đủ thì tin hậu mãi chờ sang ngày sau."),
    "user_month_quota": _("Zalo đếm riêng từng khách, từng OA. Khách đã nhận đủ thì tin hậu mãi chờ sang tháng sau."),
    "brake_slow": _(
        "Tin chăm sóc và hậu mãi gửi từ từ cho tới nửa đêm để Zalo không phạt; tin giao dịch vẫn gửi ngay."
    ),
    "promotion_month_quota": _(
        "Bằng 1/6 tổng tin giao dịch và chăm sóc khách đã nhận trong hai tháng liền trước; tháng đầu tiên được cộng thêm. Tính lại ngày 1 hằng tháng."
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
        "Token đã bị thu hồi hoặc hết hạn. Hãy bấm “Khóa và kết nối lại”, rồi cấp quyền ở Zalo hoặc dán cặp token mới."
    ),
    "account_blocked": _(
        "Zalo từ chối ứng dụng hoặc OA. Hãy kiểm tra trạng thái OA, quyền ứng dụng và số dư trên trang Zalo."
    ),
}
