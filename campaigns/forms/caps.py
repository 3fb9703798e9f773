"""The clinic's own caps on how often a person hears from it: a small table of numbers, a row for each kind of content."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns.caps import Caps
from campaigns.models import FrequencyCap
from integrations.models import MessageTemplate

TAGS = MessageTemplate.TagChoice
PERIODS = FrequencyCap.Period
MOST = 99
_TITLES = {
    PERIODS.DAY: _("Tối đa mỗi ngày"),
    PERIODS.WEEK: _("Tối đa mỗi tuần"),
    PERIODS.MONTH: _("Tối đa mỗi tháng"),
}


class CapsForm(forms.Form):
    """A number for each kind of content and each period; an empty one is no cap."""

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        held = {(cap.tag, cap.period): cap.limit for cap in FrequencyCap.objects.filter(workspace=workspace)}
        initial = {_name(tag, period): limit for (tag, period), limit in held.items()}
        super().__init__(data, prefix="caps", initial=initial)
        for tag in TAGS:
            for period in PERIODS:
                self.fields[_name(tag, period)] = forms.IntegerField(
                    label=_TITLES[period], required=False, min_value=1, max_value=MOST
                )

    @property
    def rows(self) -> list[tuple[str | Promise, list[BoundField]]]:
        """The table: what a row is about, and its fields by period."""
        return [(tag.label, [self[_name(tag, period)] for period in PERIODS]) for tag in TAGS]

    @property
    def held(self) -> list[tuple[str | Promise, str | Promise, int]]:
        """The caps there are, for those who may only look: kind of content, period, number."""
        cells = [(tag, period, self.initial.get(_name(tag, period))) for tag in TAGS for period in PERIODS]
        return [(tag.label, period.label, limit) for tag, period, limit in cells if limit]

    def clean(self) -> dict[str, Any]:
        """A longer period allows no less than a shorter one: the shorter cap could never be reached."""
        for tag in TAGS:
            shorter = 0
            for period in PERIODS:
                limit = self.cleaned_data.get(_name(tag, period))
                if limit is not None and limit < shorter:
                    self.add_error(_name(tag, period), _("Không được ít hơn giới hạn của khoảng ngắn hơn."))
                shorter = limit or shorter
        return self.cleaned_data

    @property
    def caps(self) -> Caps:
        """What was filled in."""
        cells = {(int(tag), str(period)): self.cleaned_data[_name(tag, period)] for tag in TAGS for period in PERIODS}
        return {cell: limit for cell, limit in cells.items() if limit}


def _name(tag: int, period: str) -> str:
    return f"tag{tag}_{period}"
