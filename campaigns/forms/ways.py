"""The part of a send step that says by which ways it may go, and what the ways without a template say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.definition import SendStep
from campaigns.labels import WAYS
from campaigns.ladder import LONGEST_CHAT
from campaigns.steps import has_braces, strangers
from integrations.base import ChannelName
from integrations.models import MessageTemplate
from integrations.sms.text import plain, segments

LONGEST_SMS = 480
# Which text a way needs before it can say anything.
_TEXTS = {ChannelName.CHAT: "chat_text", ChannelName.SMS: "sms_text"}


class WaysForm(forms.Form):
    """Which ways may be taken. Only those that are open to a patient are, the cheapest first."""

    channels = forms.TypedMultipleChoiceField(
        label=_("Kênh được dùng"),
        coerce=ChannelName,
        choices=[(name.value, label) for name, label in WAYS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Chọn ít nhất một kênh.")},
    )
    chat_text = forms.CharField(
        label=_("Lời nhắn của tin tư vấn"),
        required=False,
        max_length=LONGEST_CHAT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ghi <tên_tham_số> ở chỗ cần điền, ví dụ <customer_name>."),
    )
    sms_text = forms.CharField(
        label=_("Lời nhắn SMS"),
        required=False,
        max_length=LONGEST_SMS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Điền tham số như trên. SMS luôn gửi không dấu."),
    )
    max_price_vnd = forms.IntegerField(
        label=_("Giá tối đa một tin (đ)"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_("Kênh đắt hơn mức này bị bỏ qua. Để trống nếu không giới hạn."),
    )

    @staticmethod
    def initial_of(step: SendStep) -> dict[str, Any]:
        """What the fields show of a step."""
        return {
            "channels": [name.value for name in step.channels],
            "chat_text": step.chat_text,
            "sms_text": step.sms_text,
            "max_price_vnd": step.max_price_vnd,
        }

    def check_texts(self, template: MessageTemplate | None) -> None:
        """A way that was chosen must have something to say, and may mention the template's parameters only."""
        for way, field in _TEXTS.items():
            text = self.cleaned_data.get(field, "")
            if way in self.cleaned_data.get("channels", []) and not text:
                self.add_error(field, _("Ghi lời nhắn, hoặc bỏ chọn kênh này."))
            if has_braces(text):
                self.add_error(field, _("Viết tham số trong dấu < >, ví dụ <customer_name>."))
            if template is None:
                continue
            if unknown := strangers(text, [param["name"] for param in template.params]):
                said = _("Mẫu tin không có tham số %(names)s.")
                self.add_error(field, said % {"names": ", ".join(f"<{name}>" for name in unknown)})

    def ways(self) -> dict[str, Any]:
        """What was chosen, as the fields of a send step; ways in the order of `ChannelName`."""
        data = self.cleaned_data
        chosen = tuple(name for name in ChannelName if name in data["channels"])
        # Browsers send the line ends of a text as two characters.
        texts = {name: data[name].replace("\r\n", "\n") for name in _TEXTS.values()}
        return {"channels": chosen, "max_price_vnd": data["max_price_vnd"], **texts}

    @property
    def sms_count(self) -> int:
        """How many SMS the text is billed as, its parameters left as they are written; 0 for no text."""
        return segments(plain(self["sms_text"].value() or ""))

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to see here: ZNS alone, as most steps are."""
        channels = [str(name) for name in self["channels"].value() or []]
        return not self.errors and channels == [ChannelName.ZNS.value] and self["max_price_vnd"].value() in (None, "")
