"""What is asked about other programs: a key's name, a webhook's proof, and which path is which column."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from datahub.json.mapping import JsonMapping, Signature
from datahub.json.presets import presets
from datahub.models import Dataset
from datahub.schema import FieldSpec, Schema

_HEADER = re.compile(r"[A-Za-z0-9-]{1,80}")
_STYLES = [
    ("hmac_hex", _("HMAC-SHA256 dạng hex trong header")),
    ("hmac_base64", _("HMAC-SHA256 dạng base64 trong header")),
    ("token", _("Mã bí mật nguyên văn trong header")),
    ("none", _("Không ký: ai có địa chỉ đều gửi được")),
]
_PLAIN = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})


class TokenForm(forms.Form):
    """What a new key is called."""

    name = forms.CharField(
        label=_("Tên mã"),
        max_length=120,
        help_text=_("Đặt theo phần mềm sẽ dùng mã, ví dụ: Phần mềm phòng khám, chi nhánh 1."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewJsonForm(forms.Form):
    """Which program, into which table."""

    preset = forms.ChoiceField(label=_("Phần mềm gửi dữ liệu"), required=False)
    dataset = forms.ModelChoiceField(Dataset.objects.none(), label=_("Ghi vào bảng"), empty_label=None)
    name = forms.CharField(label=_("Tên nguồn"), max_length=120, required=False, widget=_PLAIN)

    def __init__(self, *args: Any, datasets: QuerySet[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dataset"].queryset = datasets.order_by("id")  # type: ignore[attr-defined]  # declared above
        self.fields["dataset"].initial = datasets.order_by("id").first()
        groups: list[tuple[Any, Any]] = [("", _("Phần mềm khác: tự ghép"))]
        groups += [
            (preset.name, [(f"{preset.key}.{payload.key}", payload.name) for payload in preset.payloads])
            for preset in presets()
        ]
        self.fields["preset"].choices = groups  # type: ignore[attr-defined]  # declared above


class SignatureForm(forms.Form):
    """How a call proves itself."""

    style = forms.ChoiceField(label=_("Cách ký"), choices=_STYLES)
    header = forms.CharField(label=_("Tên header"), max_length=80, required=False, widget=_PLAIN)
    delivery = forms.CharField(
        label=_("Header mã lần gửi"),
        max_length=80,
        required=False,
        widget=_PLAIN,
        help_text=_("Nếu phần mềm có. Để trống: nhận ra lần gửi lặp bằng nội dung."),
    )
    secret = forms.CharField(
        label=_("Mã bí mật mới"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Dán mã do phần mềm cấp. Để trống: giữ mã hiện tại."),
    )

    def clean(self) -> dict[str, Any]:
        """A header where the proof needs one."""
        cleaned = super().clean() or {}
        for name in ("header", "delivery"):
            if (typed := cleaned.get(name, "")) and not _HEADER.fullmatch(typed):
                self.add_error(name, _("Tên header chỉ gồm chữ không dấu, số và dấu gạch nối."))
        if cleaned.get("style") != "none" and not cleaned.get("header"):
            self.add_error("header", _("Hãy nhập tên header mang chữ ký."))
        return cleaned

    def applied(self, mapping: JsonMapping) -> JsonMapping:
        """The mapping with this proof."""
        said = self.cleaned_data
        signature = Signature(style=said["style"], header=said["header"])
        return mapping.model_copy(update={"signature": signature, "delivery": said["delivery"]})


class MappingForm(forms.Form):
    """Where each column's value stands in a body."""

    rows = forms.CharField(
        label=_("Danh sách các dòng"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "list": "lists"}),
        help_text=_("Mỗi phần tử là một dòng. Để trống: cả nội dung là một dòng."),
    )
    row_id = forms.CharField(
        label=_("Mã dòng"),
        max_length=300,
        help_text=_("Mã không đổi của đơn bên phần mềm: gửi lại cùng mã là sửa dòng đó."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "list": "paths"}),
    )

    def __init__(self, *args: Any, schema: Schema, mapping: JsonMapping, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"rows": mapping.rows, "row_id": mapping.row_id})
        super().__init__(*args, **kwargs)
        self.schema, self.mapping = schema, mapping
        for spec in schema.read:
            self.fields[f"field-{spec.key}"] = forms.CharField(
                label=spec.label,
                max_length=300,
                required=False,
                initial=mapping.fields.get(spec.key, ""),
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "list": "paths"}),
            )
            if spec.choices:
                self.fields[f"words-{spec.key}"] = forms.CharField(
                    label=_("Đổi giá trị của “%(label)s”") % {"label": spec.label},
                    max_length=4000,
                    required=False,
                    initial=_as_lines(mapping.values.get(spec.key, {})),
                    widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
                    help_text=_("Mỗi dòng: giá trị bên họ = giá trị của bảng. Ví dụ: paid = Đã hoàn thành"),
                )

    @property
    def columns(self) -> list[tuple[FieldSpec, Any]]:
        """Each column with the box for its path."""
        return [(spec, self[f"field-{spec.key}"]) for spec in self.schema.read]

    @property
    def words(self) -> list[Any]:
        """The boxes for translated values."""
        return [self[name] for name in self.fields if name.startswith("words-")]

    def clean(self) -> dict[str, Any]:
        """Every line of a translation has both halves."""
        cleaned = super().clean() or {}
        for name in [each for each in cleaned if each.startswith("words-")]:
            wrong = next((line for line in _lines(cleaned[name]) if not all(map(str.strip, _halves(line)))), None)
            if wrong:
                self.add_error(
                    name, _("Dòng “%(line)s” cần có dạng: giá trị bên họ = giá trị của bảng.") % {"line": wrong}
                )
        return cleaned

    def made(self) -> JsonMapping:
        """The mapping as typed. Call it on a valid form."""
        said = self.cleaned_data
        fields = {spec.key: said[f"field-{spec.key}"].strip() for spec in self.schema.read}
        words = {name.removeprefix("words-"): _read(said[name]) for name in said if name.startswith("words-")}
        return self.mapping.model_copy(
            update={
                "rows": said["rows"].strip(),
                "row_id": said["row_id"].strip(),
                "fields": {key: path for key, path in fields.items() if path},
                "values": {key: table for key, table in words.items() if table},
            }
        )


def _as_lines(words: dict[str, str]) -> str:
    return "\n".join(f"{theirs} = {ours}" for theirs, ours in words.items())


def _lines(typed: str) -> list[str]:
    return [line for line in typed.splitlines() if line.strip()]


def _halves(line: str) -> tuple[str, str]:
    theirs, _between, ours = line.partition("=")
    return theirs, ours


def _read(typed: str) -> dict[str, str]:
    return {theirs.strip(): ours.strip() for theirs, ours in map(_halves, _lines(typed))}
