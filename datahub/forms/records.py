"""Looking for records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datahub.models import Dataset, RecordQuerySet
from datahub.statuses import status_names


class RecordFilter(forms.Form):
    """The search box and the status filter above the records. Whatever is typed, a page comes back."""

    q = forms.CharField(required=False, label=_("Tìm"))
    status = forms.ChoiceField(required=False, label=_("Trạng thái"))

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = status_names(dataset)
        self.fields["status"].choices = [("", _("Mọi trạng thái")), *((name, name) for name in names)]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = _("Tên, mã khách hàng hoặc số điện thoại")

    def narrow(self, records: RecordQuerySet) -> RecordQuerySet:
        """The records that are looked for; a filter that is no choice is no filter."""
        self.is_valid()
        records = records.search(self.cleaned_data.get("q", ""))
        status = self.cleaned_data.get("status")
        return records.filter(status=status) if status else records
