"""Sentences for what Zalo said when an account was connected, a template looked at, or a message tried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.zalo.contract import ParamProblem
from integrations.zalo.oauth import NotConnected
from integrations.zalo.trial import Tried

_NOT_CONNECTED = {
    "app_id": _("Zalo không biết mã ứng dụng này, hoặc ứng dụng chưa được kích hoạt. Hãy kiểm tra lại App ID."),
    "redirect": _(
        "Zalo chưa có địa chỉ gọi về. Hãy chép “Địa chỉ gọi về (Callback URL)” ở trang này vào mục Official Account → Thiết lập chung của ứng dụng, rồi kết nối lại."
    ),
    "app_secret": _("Khóa bí mật của ứng dụng không đúng. Hãy chép lại ở developers.zalo.me → Cài đặt, rồi thử lại."),
    "code": _(
        "Mã cấp quyền đã dùng, đã quá 10 phút, hoặc verifier PKCE không khớp với challenge đã lưu ở Zalo. Hãy kết nối lại từ đầu."
    ),
    "refresh_token": _("Refresh token không đúng, đã dùng hoặc đã hết hạn. Hãy lấy cặp token mới."),
    "not_approved": _("Ứng dụng chưa được Zalo duyệt. Hãy hoàn tất việc xét duyệt ở developers.zalo.me trước."),
    "token": _("Access token không đúng hoặc đã hết hạn. Hãy lấy cặp token mới ở API Explorer rồi dán lại."),
    "proof": _(
        "Zalo từ chối chữ ký của lời gọi. Nếu ứng dụng bật appsecret_proof, hãy bật “Ký mọi lời gọi” và kiểm tra khóa bí mật của ứng dụng."
    ),
    "other_oa": _(
        "Token này thuộc OA {said}, không phải OA bạn chọn. Không có gì được lưu; hãy kiểm tra mã OA hoặc chọn đúng OA ở Zalo."
    ),
    "other_clinic": _("OA {said} đã được kết nối ở doanh nghiệp khác nên không kết nối được ở đây."),
    "silent": _("Chưa liên lạc được với Zalo nên chưa lưu gì. Hãy thử lại sau ít phút."),
    "refused": _("Zalo từ chối kết nối: {said}."),
    "state": _(
        "Lượt kết nối này không bắt đầu từ trình duyệt này, hoặc đã dùng rồi. Không có gì thay đổi; hãy kết nối lại từ đầu."
    ),
    "no_code": _("Zalo không gửi mã cấp quyền: quản trị viên OA chưa đồng ý. Không có gì thay đổi."),
}
_TRIED = {
    "sent": _("Zalo đã nhận tin thử. Mở Zalo trên điện thoại để xem."),
    "not_admin": _(
        "Zalo chỉ gửi tin thử cho quản trị viên của ứng dụng hoặc của OA. Hãy nhập số của một quản trị viên."
    ),
    "no_trial_money": _("Hết hạn mức tin thử ở Zalo. Hãy nạp hoặc chờ Zalo cấp lại hạn mức cho chế độ development."),
    "not_on_zalo": _("Số này không dùng Zalo, hoặc bản Zalo trên máy đã quá cũ. Hãy thử số khác."),
    "phone_invalid": _("Zalo báo số điện thoại không hợp lệ."),
    "no_template": _("Zalo không biết mẫu này, hoặc ứng dụng không được dùng nó. Hãy đồng bộ mẫu tin."),
    "not_approved": _("Zalo chưa duyệt mẫu này nên không gửi thử được."),
    "params": _("Zalo từ chối dữ liệu của tham số: {said}."),
    "problem": _("Chưa gửi: tham số {param} {problem}."),
    "token": _("Chưa gửi: token của OA không dùng được. Hãy kết nối lại OA."),
    "too_many": _("Chưa gửi: mỗi OA gửi thử tối đa {limit} tin một ngày. Hãy chờ sang ngày mai."),
    "unreached": _("Chưa gửi: không kết nối được với Zalo. Hãy thử lại sau ít phút."),
    "unknown": _("Chưa rõ Zalo đã nhận tin thử hay chưa. Hãy xem trên điện thoại trước khi thử lại."),
    "refused": _("Zalo từ chối tin thử: {said} (mã {code})."),
}
LINT = {
    "offer": _(
        "Nghe như ưu đãi, trong khi mẫu không thuộc loại Hậu mãi. Zalo có thể từ chối hoặc khách báo xấu; hãy bỏ những chữ này hoặc đăng ký mẫu Hậu mãi."
    ),
    "shouting": _("Viết hoa cả cụm khiến tin giống quảng cáo. Hãy viết thường."),
    "emoji": _("Quá nhiều biểu tượng cảm xúc; chỉ nên dùng tối đa ba."),
    "treatment": _(
        "Nêu tên điều trị trong tin mà người khác có thể đọc được. Thông tin sức khỏe nên kín đáo: hãy viết “dịch vụ”."
    ),
    "no_way_out": _("Tin hậu mãi nên cho khách biết cách từ chối nhận tin, ví dụ “Nhắn TỪ CHỐI để ngừng nhận tin”."),
}
PARAM_PROBLEMS = {
    "missing": _("đang trống"),
    "too_long": _("dài {actual} ký tự, tối đa {limit}"),
    "too_short": _("dài {actual} ký tự, tối thiểu {limit}"),
    "not_number": _("không phải là số (chỉ gồm chữ số, dấu trừ và dấu chấm)"),
    "not_moment": _("không phải giờ hoặc ngày Zalo nhận, ví dụ 21/11/2026 hoặc 09:00 21/11/2026"),
    "not_amount": _("không phải số tiền dương (chỉ gồm chữ số)"),
    "bad_note": _("có ký tự Zalo không nhận trong nội dung chuyển khoản"),
    "bad_url": _("không phải địa chỉ đã mã hóa URL (không dấu, không khoảng trắng)"),
}


def rules_name(name: str) -> str:
    """zalo-2024 → Zalo 2024: a dated set of Zalo's quota rules."""
    return name.replace("-", " ").title()


def not_connected(problem: NotConnected) -> str:
    """Why an account was not connected, and what to do."""
    return str(_NOT_CONNECTED[problem.code]).format(said=problem.said)


def tried(result: Tried) -> str:
    """What came of a trial."""
    facts: Mapping[str, Any] = result.facts
    if result.code == "problem":
        facts = {**facts, "problem": str(PARAM_PROBLEMS[facts["problem"]]).format(**facts)}
    return str(_TRIED[result.code]).format(**facts)


def param_problem(problem: ParamProblem) -> str:
    """What is wrong with one parameter, to follow its name."""
    return str(PARAM_PROBLEMS[problem.code]).format(actual=problem.actual, limit=problem.limit)
