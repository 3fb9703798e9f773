"""Connecting the SMS vendor by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.account import kept
from integrations.models import SmsAccount

SECRET = forms.PasswordInput(attrs={"autocomplete": "off"})


class SmsForm(forms.Form):
    """What eSMS shows of an account. A key that is kept is never shown again, only recognised."""

    api_key = forms.CharField(label=_("ApiKey"), widget=SECRET, max_length=200)
    secret_key = forms.CharField(label=_("SecretKey"), widget=SECRET, max_length=200)
    brandname = forms.CharField(
        label=_("Brandname"), max_length=20, help_text=_("Tên hiện ở đầu tin nhắn, đã đăng ký với nhà mạng.")
    )
    price_vnd = forms.IntegerField(
        label=_("Giá một SMS (đ)"),
        min_value=1,
        max_value=100_000,
        initial=SmsAccount._meta.get_field("price_vnd").default,
        help_text=_("Theo hợp đồng của phòng khám với eSMS. Dùng để chọn kênh rẻ nhất."),
    )

    def __init__(self, *args: Any, account: SmsAccount | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if account:
            self.initial = {"brandname": account.brandname, "price_vnd": account.price_vnd}
        for name in ("api_key", "secret_key") if account else ():
            field = self.fields[name]
            field.required = False
            field.help_text = kept(getattr(account, name))
