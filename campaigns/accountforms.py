"""Connecting an Official Account by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from integrations.models import OfficialAccount
from integrations.zalo.policy import policy_names

# How long Zalo's access tokens live; the refresh token takes over from there.
TOKEN_LIFE = timedelta(hours=25)
SECRET = forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=True)


def _policies() -> list[tuple[str, str]]:
    """Every dated set of rules there is, the newest first."""
    return [(name, name.replace("-", " ").title()) for name in reversed(policy_names())]


class AccountForm(forms.Form):
    """What Zalo's developer page shows of an app and its Official Account."""

    name = forms.CharField(label=_("Tên OA"), max_length=120)
    oa_id = forms.RegexField(r"^\d+$", label=_("Mã OA (OA ID)"), max_length=40)
    app_id = forms.RegexField(r"^\d+$", label=_("Mã ứng dụng (App ID)"), max_length=40)
    app_secret = forms.CharField(label=_("Khóa bí mật của ứng dụng"), widget=SECRET)
    oa_secret_key = forms.CharField(
        label=_("OA Secret Key"), widget=SECRET, help_text=_("Dùng để kiểm chữ ký webhook của Zalo.")
    )
    access_token = forms.CharField(label=_("Access token"), widget=SECRET)
    refresh_token = forms.CharField(
        label=_("Refresh token"), widget=SECRET, help_text=_("Hệ thống tự đổi token mới trước khi hết hạn.")
    )
    policy = forms.ChoiceField(label=_("Bộ quy định hạn mức"), choices=_policies)
    daily_quota = forms.IntegerField(
        label=_("Hạn mức ngày"), required=False, min_value=1, help_text=_("Để trống nếu không giới hạn.")
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace

    def clean_oa_id(self) -> str:
        """An account belongs to one clinic."""
        oa_id = str(self.cleaned_data["oa_id"])
        if OfficialAccount.objects.filter(oa_id=oa_id).exclude(workspace=self.workspace).exists():
            raise forms.ValidationError(_("OA này đã được kết nối ở doanh nghiệp khác."))
        return oa_id

    def details(self, now: datetime) -> dict[str, Any]:
        """What `register_account` asks for."""
        return self.cleaned_data | {"token_expires_at": now + TOKEN_LIFE}
