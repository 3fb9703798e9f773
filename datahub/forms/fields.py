"""A column's settings, typed by a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datahub.editor.field_rules import IDENTITY, SYSTEM, Problem, limit, longest, tidy
from datahub.editor.field_words import sentence
from datahub.fields import FieldError
from datahub.models import Dataset, Field
from datahub.schema import STATUS, FieldSpec


class Lines(forms.CharField):
    """One value a line, empty lines left out."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """A tuple as the lines that a person sees."""
        return "\n".join(value) if isinstance(value, tuple | list) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        """The lines."""
        typed = super().clean(value)
        return tuple(line.strip() for line in typed.splitlines() if line.strip())


class FieldForm(forms.Form):
    """The settings of one column, a new one or `field`. `settings` holds what was typed once the form is valid."""

    label = forms.CharField(max_length=80, label=_("Tên cột trong Google Sheet"))
    aliases = Lines(
        required=False,
        label=_("Tên khác cũng hiểu"),
        help_text=_("Mỗi dòng một tên. Cột trong sheet mang một trong các tên này vẫn được đọc."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    type = forms.ChoiceField(choices=Field.Type.choices, label=_("Kiểu dữ liệu"))
    choices = Lines(
        required=False,
        label=_("Các lựa chọn"),
        help_text=_("Mỗi dòng một giá trị."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    max_length = forms.IntegerField(required=False, min_value=1, label=_("Số ký tự tối đa"))
    minimum = forms.CharField(required=False, max_length=30, label=_("Thấp nhất / sớm nhất"))
    maximum = forms.CharField(required=False, max_length=30, label=_("Cao nhất / muộn nhất"))
    owner = forms.ChoiceField(
        choices=[
            (Field.Owner.SHEET, _("Đọc từ Google Sheet, tệp, API")),
            (Field.Owner.HUB, _("Chỉ sửa trong Data Hub")),
        ],
        initial=Field.Owner.SHEET,
        label=_("Ai giữ dữ liệu"),
        help_text=_("Cột do Data Hub giữ không đọc từ sheet, kể cả khi sheet có cột cùng tên."),
    )
    required = forms.BooleanField(required=False, label=_("Bắt buộc nhập"))

    def __init__(self, *args: Any, today: date, spec: FieldSpec | None = None, **kwargs: Any) -> None:
        self.spec, self.today = spec, today
        self.settings = spec or FieldSpec("", "")
        kwargs["initial"] = _as_typed(spec) if spec else None
        super().__init__(*args, **kwargs)
        if spec and spec.key in SYSTEM:
            self.fields["type"].disabled = self.fields["owner"].disabled = True
        if spec and spec.key in IDENTITY:
            self.fields["required"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Everything as one value, its limits read as the type reads them."""
        data = super().clean() or {}
        key = self.spec.key if self.spec else ""
        kind = data.get("type", "text")
        for name in ("minimum", "maximum"):
            data[name] = self._limit(name, data.get(name, ""), kind)
        data["max_length"] = data.get("max_length") or min(200, longest(key))
        if not self.errors:
            self.settings = tidy(FieldSpec(key=key, **{name: data[name] for name in self.fields}))
        return data

    def _limit(self, name: str, typed: str, kind: str) -> str:
        read = limit(typed, kind, self.today)
        if isinstance(read, FieldError):
            self.add_error(name, read.message)
            return ""
        return read

    def tell(self, problems: Iterable[Problem]) -> None:
        """Show what the table says against these settings, each beside what it is about."""
        for problem in problems:
            self.add_error(problem.setting, sentence(problem))


def _as_typed(spec: FieldSpec) -> dict[str, Any]:
    """The settings as a person would have typed them."""
    shown = {name: getattr(spec, name) for name in FieldForm.base_fields}
    if spec.type == Field.Type.DATE:
        days = ((name, getattr(spec, name)) for name in ("minimum", "maximum"))
        shown |= {name: f"{date.fromisoformat(day):%d/%m/%Y}" for name, day in days if day}
    return shown


class DoneValueForm(forms.Form):
    """Which status completes a visit."""

    done_value = forms.ChoiceField(label=_("Trạng thái hoàn thành"))

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        kwargs["initial"] = {"done_value": dataset.done_value}
        super().__init__(*args, **kwargs)
        status = next((field for field in dataset.fields.all() if field.key == STATUS), None)
        names = list(status.choices) if status else []
        self.fields["done_value"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
