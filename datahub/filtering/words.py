"""PURE but for the language. What a filter tree asks, and what is wrong with one, in words for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from datahub.conditions import COMPARE, RELATIVE, AllOf, AnyOf, Condition, NoneOf, Tree, is_day
from datahub.filtering.check import Problem
from datahub.phones import dialled
from datahub.schema import PHONE
from datahub.text import grouped

OPERATORS = {
    "eq": gettext_lazy("là"),
    "ne": gettext_lazy("khác"),
    "in": gettext_lazy("là một trong"),
    "not_in": gettext_lazy("không thuộc"),
    "empty": gettext_lazy("trống"),
    "filled": gettext_lazy("có nhập"),
    "before": gettext_lazy("trước"),
    "after": gettext_lazy("sau"),
    "on_or_before": gettext_lazy("đến hết"),
    "on_or_after": gettext_lazy("từ ngày"),
    "between": gettext_lazy("trong khoảng"),
    "within_last": gettext_lazy("trong những ngày qua"),
    "older_than": gettext_lazy("cách đây hơn"),
    "in_next": gettext_lazy("trong những ngày tới"),
    "contains": gettext_lazy("có chứa"),
    "not_contains": gettext_lazy("không chứa"),
    "starts_with": gettext_lazy("bắt đầu bằng"),
    "lt": gettext_lazy("nhỏ hơn"),
    "le": gettext_lazy("nhiều nhất"),
    "gt": gettext_lazy("lớn hơn"),
    "ge": gettext_lazy("ít nhất"),
}
_OF_DAYS = {"eq": gettext_lazy("đúng ngày"), "ne": gettext_lazy("khác ngày")}
# A list of one.
_OF_ONE = {"in": "eq", "not_in": "ne"}
_SPANS = {
    "between": gettext_lazy("%(field)s từ %(first)s đến %(last)s"),
    "within_last": gettext_lazy("%(field)s trong %(n)s ngày qua"),
    "older_than": gettext_lazy("%(field)s cách đây hơn %(n)s ngày"),
    "in_next": gettext_lazy("%(field)s trong %(n)s ngày tới"),
}
_PROBLEMS = {
    "tree.unreadable": gettext_lazy("Không đọc được bộ lọc này nên nó không chọn ai. Hãy lập lại bộ lọc."),
    "tree.deep": gettext_lazy("Bộ lọc có nhóm lồng quá %(most)s tầng, hãy gộp bớt."),
    "tree.big": gettext_lazy("Bộ lọc có %(read)s điều kiện, tối đa %(most)s, hãy bỏ bớt."),
    "group.none": gettext_lazy("Nhóm này chưa có điều kiện nào, hãy thêm điều kiện hoặc bỏ nhóm."),
    "field.unknown": gettext_lazy("Bảng không còn trường “%(field)s”, hãy chọn trường khác hoặc bỏ điều kiện này."),
    "op.unfit": gettext_lazy("Trường “%(field)s” không so sánh được kiểu “%(op)s”, hãy chọn cách so sánh khác."),
    "value.none": gettext_lazy("%(field)s: chưa có giá trị, hãy nhập hoặc chọn “trống” / “có nhập”."),
    "value.long": gettext_lazy("%(field)s: giá trị dài quá %(most)s ký tự, hãy rút ngắn."),
    "value.no_day": gettext_lazy("%(field)s: “%(read)s” không phải một ngày, ví dụ 21/11/2026."),
    "value.no_days": gettext_lazy("%(field)s: “%(read)s” không phải số ngày, hãy nhập từ 0 đến %(most)s."),
    "value.no_number": gettext_lazy("%(field)s: “%(read)s” không phải một số, ví dụ 1.500.000 hoặc 1,5."),
    "value.no_choice": gettext_lazy("%(field)s: “%(read)s” không có trong danh sách (%(choices)s)."),
    "value.unread": gettext_lazy("%(field)s %(message)s."),
    "values.none": gettext_lazy("%(field)s: chưa chọn giá trị nào."),
    "values.many": gettext_lazy("%(field)s: nhiều quá %(most)s giá trị, hãy bỏ bớt."),
    "span.crossed": gettext_lazy("%(field)s: ngày đầu %(first)s đứng sau ngày cuối %(last)s, hãy đổi lại."),
}


def sentence(tree: Tree, labels: Mapping[str, str]) -> str:
    """What the tree asks; `labels` are the names of fields. Dates as dd/mm/yyyy, numbers with separators."""
    match tree:
        case AllOf():
            return _(" và ").join(_inside(part, labels) for part in tree.all) or _("Không")
        case AnyOf():
            return _(" hoặc ").join(_inside(part, labels) for part in tree.any)
        case NoneOf():
            return _("không phải (%(parts)s)") % {"parts": _(" hoặc ").join(_inside(p, labels) for p in tree.none)}
        case Condition():
            return _question(tree, labels.get(tree.field, tree.field))


def _inside(part: Tree, labels: Mapping[str, str]) -> str:
    if part == AllOf():
        return _("mọi lượt khám")
    is_several = (isinstance(part, AllOf) and len(part.all) > 1) or (isinstance(part, AnyOf) and len(part.any) > 1)
    return f"({sentence(part, labels)})" if is_several else sentence(part, labels)


def _question(question: Condition, label: str) -> str:
    if question.op in RELATIVE:
        return _SPANS[question.op] % {"field": label, "n": question.value}
    values = [shown(value, question) for value in question.values or (question.value,)]
    if question.op == "between":
        return _SPANS["between"] % {"field": label, "first": values[0], "last": values[1]}
    op = _OF_ONE.get(question.op, question.op) if len(values) == 1 else question.op
    return f"{label} {OPERATORS[op]} {', '.join(values)}".strip()


def operator(op: str, type: str) -> str:
    """How a field of this type is compared, in the words of the form."""
    return str(_OF_DAYS.get(op, OPERATORS[op]) if type == "date" else OPERATORS[op])


def shown(value: str, question: Condition) -> str:
    """A stored value as people write it."""
    if question.op in COMPARE:
        return number(value)
    if question.field == PHONE:
        return dialled(value)
    return day(value)


def day(value: str) -> str:
    """An ISO day as dd/mm/yyyy; any other text as it is."""
    return f"{date.fromisoformat(value):%d/%m/%Y}" if is_day(value) else value


def number(value: str) -> str:
    """A clean decimal with separators: 1.500.000,5 in Vietnamese."""
    return grouped(Decimal(value)) if get_language() == "vi" else f"{Decimal(value):,f}"


def problem(found: Problem) -> str:
    """One sentence for a problem: what was read, what is expected, what to do."""
    facts = dict(found.facts)
    if "op" in facts:
        facts["op"] = OPERATORS[str(facts["op"])]
    facts |= {name: day(str(facts[name])) for name in ("first", "last") if name in facts}
    return str(_PROBLEMS[found.code]) % facts
