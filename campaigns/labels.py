"""Words for what Zalo and its rules call by a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from campaigns.ladder import Closed
from campaigns.reasons import Reason
from integrations.base import ChannelName

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

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
GATES: dict[str, _StrPromise] = {
    Reason.DAILY_QUOTA: _("Hạn mức ngày của OA"),
    Reason.TRANSACTION_RESERVE: _("Phần dùng chung, sau khi để dành cho tin giao dịch"),
    Reason.PROMOTION_DAY_QUOTA: _("Tin hậu mãi trong ngày"),
    Reason.PROMOTION_MONTH_QUOTA: _("Tin hậu mãi trong tháng"),
    Reason.USER_DAY_QUOTA: _("Tin hậu mãi cho một khách trong ngày"),
    Reason.USER_MONTH_QUOTA: _("Tin hậu mãi cho một khách trong tháng"),
    Reason.TEMPLATE_DAY_QUOTA: _("Hạn mức ngày của mẫu tin"),
    Reason.FREQUENCY_CAP: _("Giới hạn số tin cho mỗi khách"),
    Reason.BRAKE_SLOW: _("Gửi chậm lại vì có báo xấu, mỗi giờ"),
    Reason.BRAKE_HELD: _("Tạm giữ vì có báo xấu"),
    Reason.TEMPLATE_BRAKE: _("Mẫu tin bị tạm giữ vì có báo xấu"),
}
GATE_RULES: dict[str, _StrPromise] = {
    Reason.DAILY_QUOTA: _(
        "Tổng số tin OA được gửi trong một ngày, mọi loại nội dung. Tính lại lúc 00:00. Khi gần hết, tin giao dịch đi trước, rồi tin chăm sóc, rồi tin hậu mãi."
    ),
    Reason.TRANSACTION_RESERVE: _(
        "Tin chăm sóc và hậu mãi dùng chung phần này; phần còn lại của hạn mức ngày để dành cho tin giao dịch. Đặt tỷ lệ ở Kết nối → Khóa và kết nối lại."
    ),
    Reason.PROMOTION_DAY_QUOTA: _("Tin hậu mãi chỉ được dùng một phần hạn mức ngày (25% theo quy định 2024)."),
    Reason.USER_DAY_QUOTA: _("Zalo đếm riêng từng khách, từng OA. Khách đã nhận đủ thì tin hậu mãi chờ sang ngày sau."),
    Reason.USER_MONTH_QUOTA: _(
        "Zalo đếm riêng từng khách, từng OA. Khách đã nhận đủ thì tin hậu mãi chờ sang tháng sau."
    ),
    Reason.BRAKE_SLOW: _(
        "Tin chăm sóc và hậu mãi gửi từ từ cho tới nửa đêm để Zalo không phạt; tin giao dịch vẫn gửi ngay."
    ),
    Reason.PROMOTION_MONTH_QUOTA: _(
        "Bằng 1/6 tổng tin giao dịch và chăm sóc khách đã nhận trong hai tháng liền trước; tháng đầu tiên được cộng thêm. Tính lại ngày 1 hằng tháng."
    ),
    Reason.TEMPLATE_DAY_QUOTA: _("Zalo giới hạn riêng số tin một ngày của mẫu này."),
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
    "secret_wrong": _(
        "Zalo không nhận khóa bí mật của ứng dụng. Hãy bấm “Khóa và kết nối lại”, nhập khóa đúng, rồi kết nối lại."
    ),
    "account_blocked": _(
        "Zalo từ chối ứng dụng hoặc OA. Hãy kiểm tra trạng thái OA, quyền ứng dụng và số dư trên trang Zalo."
    ),
}
# What people do about a customer, by the action in the audit trail.
DEEDS = {
    "customer.merge": _("Gộp hai mã khách hàng"),
    "customer.unmerge": _("Tách hai mã khách hàng"),
    "customer.label": _("Thêm nhãn"),
    "customer.unlabel": _("Bỏ nhãn"),
    "customer.stop": _("Đưa vào danh sách không gửi"),
    "customer.resume": _("Bỏ khỏi danh sách không gửi"),
    "customer.erase": _("Xóa dữ liệu của khách"),
    "customer.readmit": _("Nhận lại khách đã xóa dữ liệu"),
}
