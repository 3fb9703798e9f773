"""What is asked of a person about a customer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from datahub.models import Consent


class ConsentForm(forms.Form):
    """One word of a customer, as it was given to the person who types it."""

    purpose = forms.ChoiceField(label=_("Mục đích"), choices=Consent.Purpose.choices)
    granted = forms.TypedChoiceField(
        label=_("Khách nói"),
        choices=[("yes", _("Đồng ý")), ("no", _("Không đồng ý"))],
        coerce=lambda said: said == "yes",
    )
    proof = forms.CharField(
        label=_("Bằng chứng"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": _("Ví dụ: phiếu đồng ý ký ngày 21/11/2026, lưu tủ số 2")}),
    )
    wording = forms.CharField(
        required=False,
        label=_("Phiên bản nội dung khách đã đọc"),
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("Ví dụ: mẫu 2026-11")}),
    )
