"""What is asked of a person who puts a phone on the do-not-send list."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.suppressions import CHOSEN
from datahub.phones import phone
from datahub.text import FieldError
from integrations.vietnam import at


class StopForm(forms.Form):
    """Why, and until when. For a customer the phones are known; else one is typed."""

    phone = forms.CharField(label=_("Số điện thoại"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    reason = forms.ChoiceField(label=_("Lý do"), choices=list(CHOSEN.items()))
    note = forms.CharField(label=_("Ghi chú"), max_length=300, required=False)
    until = forms.DateField(
        label=_("Đến hết ngày"),
        required=False,
        help_text=_("Để trống: không thời hạn."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, now: datetime, of_customer: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        if of_customer:
            del self.fields["phone"]

    def clean_phone(self) -> str:
        """84 and nine digits."""
        number = phone(self.cleaned_data["phone"])
        if isinstance(number, FieldError):
            raise forms.ValidationError(number.message)
        return number

    def clean_until(self) -> datetime | None:
        """The end of that day in Vietnam; none that is over."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        end = at(day + timedelta(days=1), time())
        if end <= self._now:
            raise forms.ValidationError(_("Ngày này đã qua, hãy chọn ngày sau hôm nay hoặc để trống."))
        return end
