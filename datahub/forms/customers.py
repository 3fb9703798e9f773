"""Looking for customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from datahub.models import CustomerQuerySet, Label


class CustomerFilter(forms.Form):
    """The search box and the label above the customers. Whatever is typed, a page comes back."""

    q = forms.CharField(
        required=False,
        max_length=200,
        label=_("Tìm"),
        widget=forms.TextInput(attrs={"placeholder": _("Tên, mã khách hàng hoặc số điện thoại"), "type": "search"}),
    )
    label = forms.ModelChoiceField(
        required=False, label=_("Nhãn"), queryset=Label.objects.none(), empty_label=_("Mọi nhãn")
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].queryset = workspace.labels.all()  # type: ignore[attr-defined]

    @property
    def text(self) -> str:
        """What is looked for."""
        self.is_valid()
        return str(self.cleaned_data.get("q", ""))

    def narrow(self, customers: CustomerQuerySet) -> CustomerQuerySet:
        """Those with the label; one that is no choice is no filter."""
        self.is_valid()
        label = self.cleaned_data.get("label")
        return customers.filter(labels=label) if label else customers
