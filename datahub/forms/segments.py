"""Naming a segment."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from datahub.segments import LONGEST_NAME


class SegmentForm(forms.Form):
    """A segment's name; its filter has a form of its own."""

    name = forms.CharField(
        label=_("Tên phân khúc"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"placeholder": _("Ví dụ: Nhổ răng trong 30 ngày qua"), "autocomplete": "off"}),
    )
