"""Linking a sheet that is shared with a service account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datahub.linked.address import Address, parse_address
from datahub.models import Dataset, SheetLink, Source
from integrations.google_sheets.key_file import LONGEST, read_key


class KeyField(forms.CharField):
    """A service account's key file, pasted; cleaned to a KeyFile, and never shown again."""

    widget = forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"})
    default_error_messages = {
        "no_key": _(
            "Đây không phải tệp khóa của tài khoản dịch vụ, hoặc khóa bị thiếu. Hãy mở tệp .json tải từ Google Cloud và dán toàn bộ nội dung."
        )
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        key = read_key(text) if text else None
        if text and key is None:
            raise forms.ValidationError(self.error_messages["no_key"], code="no_key")
        return key

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing: what was pasted does not travel back to the page."""
        return None


class LinkForm(forms.Form):
    """Which source the sheet feeds, and under which account it is read."""

    target = forms.ChoiceField(
        label=_("Nguồn dữ liệu"),
        help_text=_("Nếu nguồn đang có từng dùng Apps Script, hãy gỡ mã khỏi bảng tính để hai bên không cùng ghi."),
    )
    account = forms.ChoiceField(label=_("Tài khoản dịch vụ"), required=False)
    key = KeyField(
        label=_("Tệp khóa (JSON)"),
        required=False,
        help_text=_("Dán toàn bộ nội dung tệp .json. Khóa được mã hóa khi lưu và không hiện lại."),
    )

    def __init__(self, *args: Any, sources: QuerySet[Source], datasets: QuerySet[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = sources.filter(kind__in=Source.SHEETS, link=None).select_related("dataset").order_by("id")
        self._sources = {f"source-{source.pk}": source for source in free}
        self._datasets = {f"dataset-{dataset.pk}": dataset for dataset in datasets.order_by("id")}
        links = SheetLink.objects.filter(source__in=sources).order_by("id")
        self._accounts = {link.client_email: link.service_account for link in links}
        old = [(key, gettext("%(name)s (đang có)") % {"name": it.name}) for key, it in self._sources.items()]
        new = [
            (key, gettext("Nguồn mới cho bảng “%(name)s”") % {"name": it.name}) for key, it in self._datasets.items()
        ]
        self._choose("target", [*old, *new])
        self._choose("account", [*((email, email) for email in self._accounts), ("", _("Dán tệp khóa mới"))])
        self.fields["account"].initial = next(iter(self._accounts), "")
        if not self._accounts:
            del self.fields["account"]

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """`target` becomes a Source or a Dataset, `key` the KeyFile that was pasted or is kept."""
        cleaned = super().clean() or {}
        cleaned["target"] = (self._sources | self._datasets).get(cleaned.get("target", ""))
        if not cleaned.get("key") and (kept := self._accounts.get(cleaned.get("account", ""))):
            cleaned["key"] = read_key(kept)
        if not cleaned.get("key") and "key" not in self.errors:
            self.add_error("key", _("Hãy dán tệp khóa của tài khoản dịch vụ."))
        return cleaned


class AddressForm(forms.Form):
    """The sheet's address."""

    address = forms.CharField(
        label=_("Địa chỉ bảng tính"),
        max_length=500,
        help_text=_("Mở đúng trang cần nối rồi sao chép địa chỉ trên thanh địa chỉ của trình duyệt."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": "https://docs.google.com/spreadsheets/d/…"}
        ),
    )

    def clean_address(self) -> Address:
        """The spreadsheet and the tab that it names."""
        address = parse_address(self.cleaned_data["address"])
        if address is None:
            raise forms.ValidationError(
                _(
                    "Địa chỉ này không phải của một Google Sheet. Địa chỉ đúng bắt đầu bằng https://docs.google.com/spreadsheets/d/"
                )
            )
        return address


class KeyForm(forms.Form):
    """Another key for the same sheet."""

    key = KeyField(label=_("Tệp khóa mới (JSON)"), help_text=_("Khóa cũ được thay ngay."))
