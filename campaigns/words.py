"""PURE but for the language. What a campaign does, said in the words of its pages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from campaigns.definition import DelayStep, RecordChangedTrigger, ScheduleTrigger, Trigger, WebhookTrigger
from datahub.text import grouped as vietnamese

WEEKDAYS = (
    gettext_lazy("Thứ 2"),
    gettext_lazy("Thứ 3"),
    gettext_lazy("Thứ 4"),
    gettext_lazy("Thứ 5"),
    gettext_lazy("Thứ 6"),
    gettext_lazy("Thứ 7"),
    gettext_lazy("Chủ nhật"),
)
UNITS = {1440: gettext_lazy("ngày"), 60: gettext_lazy("giờ"), 1: gettext_lazy("phút")}
Labels = Mapping[str, str]


def grouped(number: int) -> str:
    """1.200 in Vietnamese, 1,200 in English. Django's Vietnamese formats group nothing."""
    return vietnamese(number) if get_language() == "vi" else f"{number:,}"


def trigger(what: Trigger, labels: Labels) -> str:
    """Điều kiện kích hoạt."""
    match what:
        case WebhookTrigger():
            return _("Khi Google Sheet gửi dòng")
        case RecordChangedTrigger():
            return _("Ngay khi %(field)s đổi thành %(value)s") % {
                "field": labels.get(what.field, what.field),
                "value": what.to,
            }
        case ScheduleTrigger():
            return _("%(days)s lúc %(time)s") % {"days": _days(what.days), "time": f"{what.at:%H:%M}"}


def _days(days: tuple[int, ...]) -> str:
    return _("Mỗi ngày") if len(set(days)) == 7 else ", ".join(str(WEEKDAYS[day]) for day in sorted(set(days)))


def split(minutes: int) -> tuple[int, int]:
    """Minutes as a number of the largest unit that divides them: 2880 → (2, 1440)."""
    unit = next(unit for unit in UNITS if minutes % unit == 0 and (minutes or unit == 1))
    return minutes // unit, unit


def delay(step: DelayStep, labels: Labels) -> str:
    """Trì hoãn."""
    return f"{duration(step.minutes)} {anchor(step.anchor, labels)}"


def duration(minutes: int) -> str:
    """2 giờ, 3 ngày, 90 phút."""
    number, unit = split(minutes)
    if unit == 1440:
        return ngettext("%(n)s ngày", "%(n)s ngày", number) % {"n": number}
    if unit == 60:
        return ngettext("%(n)s giờ", "%(n)s giờ", number) % {"n": number}
    return ngettext("%(n)s phút", "%(n)s phút", number) % {"n": number}


def anchor(name: str, labels: Labels) -> str:
    """What a delay counts from."""
    if name == "enrolled":
        return _("sau khi vào chiến dịch")
    if name == "completed_at":
        return _("sau khi hoàn thành")
    return _("sau %(field)s") % {"field": labels.get(name, name)}
