"""The sentence of every reason, in the admin's words. `{…}` are facts that the deciding function gave."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from campaigns.reasons import Reason

SENTENCES = {
    Reason.QUIET_HOURS: gettext_lazy("Ngoài giờ gửi của phòng khám ({from} – {until_hour}), gửi lúc {until}."),
    Reason.ZALO_NIGHT: gettext_lazy("Zalo không nhận tin này ban đêm, gửi lúc {until}."),
    Reason.DAILY_QUOTA: gettext_lazy("Hết hạn mức {limit} tin trong ngày của Zalo OA, gửi lúc {until}."),
    Reason.PROMOTION_DAY_QUOTA: gettext_lazy("Hết phần tin hậu mãi trong ngày ({limit} tin), gửi lúc {until}."),
    Reason.PROMOTION_MONTH_QUOTA: gettext_lazy("Hết hạn mức tin hậu mãi trong tháng ({limit} tin), gửi lúc {until}."),
    Reason.USER_MONTH_QUOTA: gettext_lazy("Khách đã nhận đủ {limit} tin hậu mãi trong tháng, gửi lúc {until}."),
    Reason.TEMPLATE_DAY_QUOTA: gettext_lazy("Mẫu tin đã hết hạn mức {limit} tin trong ngày, gửi lúc {until}."),
    Reason.USER_DAY_QUOTA: gettext_lazy("Khách đã nhận đủ {limit} tin hậu mãi trong ngày, gửi lúc {until}."),
    Reason.TRANSACTION_RESERVE: gettext_lazy(
        "Phần hạn mức còn lại trong ngày dành cho tin giao dịch ({limit} tin cho loại khác), gửi lúc {until}."
    ),
    Reason.FREQUENCY_CAP: gettext_lazy("Khách đã nhận đủ {limit} tin theo giới hạn của phòng khám, gửi lúc {until}."),
    Reason.BRAKE_SLOW: gettext_lazy("Đang gửi chậm lại vì có báo xấu ({limit} tin mỗi giờ), gửi lúc {until}."),
    Reason.BRAKE_HELD: gettext_lazy("Tạm giữ vì số báo xấu hôm nay gần mức Zalo phạt, gửi lúc {until}."),
    Reason.TEMPLATE_BRAKE: gettext_lazy("Mẫu tin này đang bị báo xấu nhiều nên tạm giữ, gửi lúc {until}."),
    Reason.CHAT_QUOTA: gettext_lazy("Đã dùng hết {limit} tin tư vấn cho lần khách nhắn gần nhất, gửi lúc {until}."),
    Reason.NEXT_CHANNEL: gettext_lazy("Kênh {channel} không tới được khách ({why}), chuyển sang kênh {next}."),
    Reason.HANDED_BACK: gettext_lazy(
        "Chưa kịp gửi khi chiến dịch tạm dừng, hết giờ gửi hoặc tiến trình bị ngắt; tin được xếp lại hàng chờ."
    ),
    Reason.AMENDED: gettext_lazy("Dữ liệu của dòng đã sửa, tin được xếp lại theo dữ liệu mới."),
    Reason.DUPLICATE_RELEASED: gettext_lazy("Dòng trùng được gửi thay đã bị hủy nên tin gửi theo dòng này."),
    Reason.VENDOR_BUSY: gettext_lazy("Dịch vụ gửi tin đang bận hoặc không kết nối được, thử lại lúc {until}."),
    Reason.ACCOUNT_BLOCKED: gettext_lazy("Zalo từ chối tài khoản OA, cần quản trị viên xử lý ở trang Kết nối."),
    Reason.SMS_BLOCKED: gettext_lazy(
        "Nhà cung cấp SMS từ chối tài khoản ({vendor}, mã {code}), cần quản trị viên xử lý."
    ),
    Reason.INTERNAL_ERROR: gettext_lazy(
        "Hệ thống gặp lỗi khi xử lý lượt này, sẽ thử lại lúc {until}; đã báo kỹ thuật."
    ),
    Reason.TAG_NOT_ENTITLED: gettext_lazy("OA chưa được Zalo cấp quyền gửi loại nội dung này."),
    Reason.PROMOTION_NOT_ELIGIBLE: gettext_lazy(
        "Khách chưa nhận tin giao dịch hay chăm sóc nào từ OA này trong 6 tháng gần đây nên không gửi được tin hậu mãi."
    ),
    Reason.TOO_LATE: gettext_lazy("Đã quá thời hạn hữu ích của tin ({useful_until}) nên không gửi nữa."),
    Reason.SUPPRESSED: gettext_lazy("Số điện thoại nằm trong danh sách không gửi."),
    Reason.CARE_REFUSED: gettext_lazy("Khách không đồng ý nhận tin chăm sóc; chỉ tin giao dịch được gửi."),
    Reason.PROMOTION_REFUSED: gettext_lazy("Khách không đồng ý nhận tin ưu đãi."),
    Reason.CONSENT_MISSING: gettext_lazy(
        "Khách chưa đồng ý nhận tin ưu đãi, mà phòng khám chỉ gửi ưu đãi cho khách đã đồng ý."
    ),
    Reason.CUSTOMER_ERASED: gettext_lazy("Khách đã yêu cầu xóa dữ liệu nên không gửi nữa."),
    Reason.NO_LONGER_MATCHES: gettext_lazy("Lượt khám không còn đúng điều kiện lọc của chiến dịch."),
    Reason.DUPLICATE_VISIT: gettext_lazy("Lượt khám này đã có tin ở một dòng khác (cùng khách, dịch vụ và ngày khám)."),
    Reason.ANCHOR_MISSING: gettext_lazy("Trường ngày “{field}” đang trống nên không biết khi nào gửi."),
    Reason.PARAM_INVALID: gettext_lazy("Dữ liệu của tham số {param} không hợp với mẫu tin ({problem})."),
    Reason.TEMPLATE_NOT_APPROVED: gettext_lazy("Mẫu tin chưa được Zalo duyệt hoặc đã bị tắt ({status})."),
    Reason.NO_CHANNEL: gettext_lazy("Không có kênh nào gửi được cho khách này: {why}."),
    Reason.NOT_FOLLOWER: gettext_lazy("Khách chưa quan tâm OA nên không nhận được tin truyền thông."),
    Reason.CHAT_WINDOW_CLOSED: gettext_lazy(
        "Khách không nhắn cho OA trong {days} ngày qua nên không gửi được tin tư vấn."
    ),
    Reason.NOT_ON_ZALO: gettext_lazy("Số điện thoại không dùng Zalo hoặc không nhận được tin."),
    Reason.PHONE_INVALID: gettext_lazy("Số điện thoại không hợp lệ."),
    Reason.RECIPIENT_REFUSES: gettext_lazy("Khách đã chặn hoặc từ chối nhận tin từ OA."),
    Reason.RECIPIENT_REFUSES_KIND: gettext_lazy("Khách không nhận loại tin này từ OA."),
    Reason.API_NOT_ALLOWED: gettext_lazy("OA hoặc ứng dụng chưa được Zalo cho dùng cách gửi này: {zalo} (mã {code})."),
    Reason.TEMPLATE_REFUSED: gettext_lazy("Zalo từ chối mẫu tin hoặc dữ liệu: {zalo} (mã {code})."),
    Reason.SMS_REFUSED: gettext_lazy("Nhà cung cấp SMS từ chối tin: {vendor} (mã {code})."),
    Reason.ATTEMPTS_SPENT: gettext_lazy("Đã thử gửi {attempts} lần nhưng không thành công."),
    Reason.OUTCOME_UNKNOWN: gettext_lazy(
        "Chưa rõ tin đã gửi đi hay chưa; hệ thống không tự gửi lại để tránh gửi hai lần."
    ),
    Reason.JUDGED_REACHED: gettext_lazy("Quản trị viên xác nhận khách đã nhận được tin."),
    Reason.JUDGED_UNSENT: gettext_lazy("Quản trị viên xác nhận tin chưa tới khách."),
    Reason.ACCEPTED: gettext_lazy("Zalo đã nhận tin."),
    Reason.SMS_ACCEPTED: gettext_lazy("Nhà cung cấp SMS đã nhận tin."),
    Reason.DELIVERED: gettext_lazy("Khách đã nhận được tin."),
    Reason.DELIVERED_LATE: gettext_lazy("Khách nhận được tin sau thời hạn của Zalo; không bị tính phí."),
    Reason.NOT_DELIVERED: gettext_lazy("Tin không tới được máy của khách trong thời hạn của Zalo; không bị tính phí."),
    Reason.CLAIMED: gettext_lazy("Sắp gửi."),
    Reason.SENDING: gettext_lazy("Đang gửi."),
}

# A window that Zalo itself said is used up: it does not say how large it is.
TOLD_BY_ZALO = {
    Reason.DAILY_QUOTA: gettext_lazy("Zalo báo OA đã hết hạn mức tin trong ngày, gửi lúc {until}."),
    Reason.PROMOTION_MONTH_QUOTA: gettext_lazy("Zalo báo OA đã hết hạn mức tin hậu mãi trong tháng, gửi lúc {until}."),
    Reason.TEMPLATE_DAY_QUOTA: gettext_lazy("Zalo báo mẫu tin đã hết hạn mức trong ngày, gửi lúc {until}."),
    Reason.CHAT_QUOTA: gettext_lazy("Zalo báo đã hết lượt tin tư vấn gửi được cho khách này."),
    Reason.USER_MONTH_QUOTA: gettext_lazy("Zalo báo khách đã nhận đủ tin hậu mãi trong tháng, gửi lúc {until}."),
    Reason.USER_DAY_QUOTA: gettext_lazy("Zalo báo khách đã nhận đủ tin hậu mãi trong ngày, gửi lúc {until}."),
}
