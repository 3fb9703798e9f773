"""Adding a column to a table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datahub.models import Field


class FieldForm(forms.ModelForm):  # type: ignore[type-arg]  # only the stubs are generic
    """One more column. Its key is made from its label and never changes."""

    choices_text = forms.CharField(
        required=False,
        label=_("Các lựa chọn"),
        help_text=_("Chỉ cho kiểu Lựa chọn: mỗi dòng một giá trị."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Field
        fields = ["label", "type", "required"]
        help_texts = {"label": ""}
        labels = {"label": _("Tên cột trong Google Sheet"), "type": _("Kiểu dữ liệu"), "required": _("Bắt buộc nhập")}

    def clean_choices_text(self) -> list[str]:
        """One choice a line, without empty ones."""
        return [line.strip() for line in self.cleaned_data["choices_text"].splitlines() if line.strip()]

    def clean(self) -> dict[str, Any]:
        """A choice needs something to choose from."""
        data = super().clean() or {}
        if data.get("type") == Field.Type.CHOICE and not data.get("choices_text"):
            self.add_error("choices_text", _("Hãy nhập ít nhất một lựa chọn."))
        return data
