"""Adding a source."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from datahub.models import Dataset


class SourceForm(forms.Form):
    """A sheet that gets the script: what to call it, and which table it feeds."""

    name = forms.CharField(
        max_length=120,
        label=_("Tên nguồn"),
        widget=forms.TextInput(attrs={"placeholder": _("Google Sheet chi nhánh Quận 1")}),
    )
    dataset = forms.ModelChoiceField(queryset=Dataset.objects.none(), empty_label=None, label=_("Ghi vào bảng"))

    def __init__(self, *args: Any, datasets: QuerySet[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["dataset"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # declared above
        field.queryset = datasets
