"""Why a column's settings cannot be, in words for the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from datahub.editor.field_rules import Problem
from datahub.models import Field
from datahub.schema import FieldSpec

_SENTENCES = {
    "label.empty": _("Tên cột đang để trống, hãy đặt tên."),
    "aliases.many": _("Có %(read)s tên khác, tối đa %(expected)s."),
    "name.ours": _("“%(read)s” là cột của hệ thống trong Google Sheet, hãy dùng tên khác."),
    "name.taken": _("“%(read)s”: bảng đã có cột này (%(expected)s), hãy dùng tên khác."),
    "name.long": _("“%(read)s…”: tên dài quá %(expected)s ký tự, hãy rút ngắn."),
    "name.gone": _("“%(read)s”: cột được chọn không còn trong bảng, hãy chọn lại."),
    "done.unknown": _("“%(read)s” không có trong các lựa chọn của cột trạng thái, hãy chọn một giá trị có sẵn."),
    "system.type": _("Hệ thống dựa vào cột này nên không đổi được kiểu dữ liệu."),
    "system.owner": _("Hệ thống đọc cột này từ nguồn dữ liệu nên Data Hub không giữ riêng được."),
    "system.required": _("Không có cột này thì không biết khách là ai, nên luôn bắt buộc."),
    "length.range": _("Đã nhập %(read)s, cần từ 1 đến %(expected)s ký tự."),
    "limits.crossed": _("Mức cao nhất phải lớn hơn hoặc bằng mức thấp nhất."),
    "choices.none": _("Hãy nhập ít nhất một lựa chọn."),
    "choices.many": _("Có %(read)s lựa chọn, tối đa %(expected)s."),
    "choices.long": _("“%(read)s”: lựa chọn dài quá %(expected)s ký tự, hãy rút ngắn."),
    "choices.done": _("Phải giữ “%(expected)s”: đó là trạng thái hoàn thành của bảng."),
}


def sentence(problem: Problem) -> str:
    """What is wrong with the setting and what to do."""
    return str(_SENTENCES[problem.code]) % {"read": problem.read, "expected": problem.expected}


_SETTINGS = {
    "label": _("Tên cột"),
    "aliases": _("Tên khác cũng hiểu"),
    "type": _("Kiểu dữ liệu"),
    "choices": _("Các lựa chọn"),
    "max_length": _("Số ký tự tối đa"),
    "minimum": _("Thấp nhất / sớm nhất"),
    "maximum": _("Cao nhất / muộn nhất"),
    "owner": _("Ai giữ dữ liệu"),
    "required": _("Bắt buộc nhập"),
}


def differences(mine: FieldSpec, theirs: FieldSpec) -> list[tuple[str, str]]:
    """The settings that are otherwise in `theirs`: each setting's name and what it is there."""
    pairs = ((name, getattr(mine, name), getattr(theirs, name)) for name in _SETTINGS)
    return [(str(_SETTINGS[name]), _said(name, after)) for name, before, after in pairs if before != after]


def _said(name: str, value: Any) -> str:
    if name == "type":
        return str(Field.Type(value).label)
    if name == "owner":
        return str(Field.Owner(value).label)
    if isinstance(value, bool):
        return str(_("có") if value else _("không"))
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
