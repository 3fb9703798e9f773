"""Connecting an Official Account, by Zalo's own page or by hand, and the options of one that is connected."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from accounts.secrets import masked
from campaigns.zalo_words import rules_name
from integrations.models import OfficialAccount
from integrations.zalo.connect import KEYS
from integrations.zalo.policy import policy_names

# What was just typed comes back when the form has to be corrected; nothing that is stored ever does.
SECRET = forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=True)
_SIGNS = _("Ký mọi lời gọi (appsecret_proof)")
_SIGNS_HELP = _("Chỉ bật khi ứng dụng ở Zalo yêu cầu.")
_PKCE_HELP = _("Điền khi code challenge đã lưu sẵn ở trang Zalo; để trống thì mỗi lần kết nối dùng một verifier mới.")

_UNSET_HELP = {"oa_secret_key": _("Dùng để kiểm tra chữ ký webhook của Zalo."), "pkce_verifier": _PKCE_HELP}


def _policies() -> list[tuple[str, str]]:
    """Every dated set of rules there is, the newest first."""
    return [(name, rules_name(name)) for name in reversed(policy_names())]


class KeysForm(forms.Form):
    """What Zalo's developer page shows of an app: enough to be let in by Zalo's own page."""

    app_id = forms.RegexField(r"^\d+$", label=_("Mã ứng dụng (App ID)"), max_length=40)
    app_secret = forms.CharField(label=_("Khóa bí mật của ứng dụng"), widget=SECRET)
    oa_secret_key = forms.CharField(
        label=_("OA Secret Key"), widget=SECRET, help_text=_("Dùng để kiểm tra chữ ký webhook của Zalo.")
    )
    policy = forms.ChoiceField(label=_("Bộ quy định hạn mức"), choices=_policies)
    signs_calls = forms.BooleanField(label=_SIGNS, required=False, help_text=_SIGNS_HELP)

    def details(self) -> dict[str, Any]:
        """What `connect` keeps besides the tokens."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("oa_id", *_TOKENS)}


_TOKENS = ("access_token", "refresh_token")


class OAuthForm(KeysForm):
    """Kết nối bằng Zalo."""

    pkce_verifier = forms.CharField(
        label=_("Verifier PKCE cố định"),
        required=False,
        widget=SECRET,
        min_length=43,
        max_length=128,
        help_text=_PKCE_HELP,
    )


class AccountForm(KeysForm):
    """Dán token: the account's id and a pair that Zalo's API Explorer hands out."""

    field_order = ["name", "oa_id", "app_id"]
    name = forms.CharField(
        label=_("Tên OA"), max_length=120, required=False, help_text=_("Để trống thì lấy tên ở Zalo.")
    )
    oa_id = forms.RegexField(r"^\d+$", label=_("Mã OA (OA ID)"), max_length=40)
    access_token = forms.CharField(label=_("Access token"), widget=SECRET)
    refresh_token = forms.CharField(
        label=_("Refresh token"), widget=SECRET, help_text=_("Hệ thống tự đổi token mới trước khi hết hạn.")
    )
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

    def pair(self) -> dict[str, str]:
        """The tokens, in the shape of Zalo's own answer."""
        return {name: self.cleaned_data[name] for name in _TOKENS}


class OptionsForm(forms.Form):
    """Keys and options of an account that is connected. A secret that is left empty stays as it is."""

    name = forms.CharField(label=_("Tên OA"), max_length=120)
    app_id = forms.RegexField(r"^\d+$", label=_("Mã ứng dụng (App ID)"), max_length=40)
    app_secret = forms.CharField(label=_("Khóa bí mật của ứng dụng"), widget=SECRET, required=False)
    oa_secret_key = forms.CharField(label=_("OA Secret Key"), widget=SECRET, required=False)
    pkce_verifier = forms.CharField(
        label=_("Verifier PKCE cố định"), required=False, widget=SECRET, min_length=43, max_length=128
    )
    drops_verifier = forms.BooleanField(label=_("Bỏ verifier cố định, mỗi lần dùng một verifier mới"), required=False)
    policy = forms.ChoiceField(label=_("Bộ quy định hạn mức"), choices=_policies)
    next_policy = forms.ChoiceField(
        label=_("Bộ quy định kế tiếp"), required=False, choices=lambda: [("", "—"), *_policies()]
    )
    next_policy_on = forms.DateField(
        label=_("Bộ quy định kế tiếp áp dụng từ ngày"),
        required=False,
        input_formats=["%d/%m/%Y", "%Y-%m-%d"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"placeholder": "01/01/2027", "autocomplete": "off"}),
        help_text=_("Có hiệu lực lúc 00:00 ngày đó, giờ Việt Nam."),
    )
    tag_one_reserve = forms.IntegerField(
        label=_("Phần hạn mức ngày để dành cho tin giao dịch (%)"), min_value=0, max_value=90
    )
    signs_calls = forms.BooleanField(label=_SIGNS, required=False, help_text=_SIGNS_HELP)
    hashes_phones = forms.BooleanField(
        label=_("Gửi bằng mã băm SHA-256 của số điện thoại"),
        required=False,
        help_text=_("Zalo nhận mã băm thay cho số thật."),
    )

    def __init__(self, *args: Any, account: OfficialAccount, **kwargs: Any) -> None:
        secrets = ("app_secret", "oa_secret_key", "pkce_verifier")
        shown = {name: getattr(account, name) for name in self.base_fields if name not in (*secrets, "drops_verifier")}
        super().__init__(*args, **{"initial": shown, **kwargs})
        for name in secrets:
            stored = str(getattr(account, name))
            cast(forms.CharField, self.fields[name]).help_text = kept(stored) if stored else _UNSET_HELP.get(name, "")
        if not account.pkce_verifier:
            del self.fields["drops_verifier"]

    def clean(self) -> dict[str, Any]:
        """Rules that follow need their day, and a day its rules."""
        data = super().clean() or {}
        if bool(data.get("next_policy")) != bool(data.get("next_policy_on")) and "next_policy_on" not in self.errors:
            self.add_error("next_policy_on", _("Chọn cả bộ quy định kế tiếp và ngày áp dụng, hoặc để trống cả hai."))
        return data

    def changes(self) -> dict[str, Any]:
        """The columns to set: secrets only where one was typed."""
        data = dict(self.cleaned_data)
        drops = data.pop("drops_verifier", False)
        typed = {name: value for name, value in data.items() if value or name not in KEYS or name == "signs_calls"}
        return typed | ({"pkce_verifier": ""} if drops else {})


def kept(stored: str) -> str:
    """The help of a secret's field that may stay empty: the stored one is recognised, never shown."""
    return gettext("Đang lưu %(mask)s. Để trống thì giữ nguyên.") % {"mask": masked(stored)}


class TokensForm(forms.Form):
    """A new pair for an account that is connected."""

    access_token = forms.CharField(label=_("Access token"), widget=SECRET)
    refresh_token = forms.CharField(label=_("Refresh token"), widget=SECRET)
