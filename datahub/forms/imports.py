"""Bringing a file: choosing it, how it is read, and where its columns go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from datahub.files.headings import LOOKED_AT
from datahub.files.kinds import Kind
from datahub.files.problems import MAX_TEXT_BYTES, megabytes
from datahub.files.reading import Look
from datahub.imports.mapping import FileMapping
from datahub.models import Dataset
from datahub.schema import Schema

SEPARATORS = ((",", _("Dấu phẩy ,")), (";", _("Dấu chấm phẩy ;")), ("\t", _("Phím Tab")), ("|", _("Gạch đứng |")))


class UploadForm(forms.Form):
    """A file, and the table it is for."""

    dataset = forms.ModelChoiceField(Dataset.objects.none(), label=_("Nhập vào bảng"), empty_label=None)
    file = forms.FileField(
        label=_("Tệp Excel (.xlsx) hoặc CSV"),
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm"}),
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dataset"].queryset = workspace.datasets.prefetch_related("fields").order_by("id")  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[Any]:
        """What is larger than anything we read is not even looked at."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_TEXT_BYTES:
            told = {"size": megabytes(file.size or 0), "limit": megabytes(MAX_TEXT_BYTES)}
            raise forms.ValidationError(_("Tệp nặng %(size)s, tối đa %(limit)s. Hãy chia thành nhiều tệp.") % told)
        return file


class ReadingForm(forms.Form):
    """How the file is read: what was recognised may be put right."""

    sheet = forms.ChoiceField(required=False, label=_("Trang tính"))
    separator = forms.ChoiceField(required=False, label=_("Dấu ngăn cột"), choices=SEPARATORS)
    header = forms.ChoiceField(
        label=_("Dòng tiêu đề"), choices=[(str(number), str(number)) for number in range(1, LOOKED_AT + 1)]
    )

    def __init__(self, *args: Any, seen: Look, **kwargs: Any) -> None:
        reading = seen.reading
        kwargs["initial"] = {"sheet": reading.sheet, "separator": reading.separator, "header": str(reading.header)}
        super().__init__(*args, **kwargs)
        if reading.kind is Kind.WORKBOOK:
            del self.fields["separator"]
            names = [(name, name if shown else f"{name} ({_('đang ẩn')})") for name, shown in seen.sheets]
            self.fields["sheet"].choices = names  # type: ignore[attr-defined]
        else:
            del self.fields["sheet"]


class MappingForm(forms.Form):
    """Where each column goes, what tells rows apart, and whether the visits are old."""

    key = forms.ChoiceField(
        required=False,
        label=_("Nhận ra dòng cũ theo"),
        help_text=_("Nhập lại tệp thì dòng đã có được cập nhật, không bị nhân đôi."),
    )
    purpose = forms.ChoiceField(
        label=_("Mục đích"),
        widget=forms.RadioSelect,
        choices=[
            ("history", _("Lịch sử – không gửi tin")),
            ("new", _("Lượt khám mới – xử lý như từ bảng tính")),
        ],
    )

    def __init__(self, *args: Any, mapping: FileMapping, schema: Schema, is_history: bool, **kwargs: Any) -> None:
        chosen = {f"field_{at}": key for at, key in enumerate(mapping.fields)}
        kwargs["initial"] = {
            **chosen,
            "key": "" if mapping.key is None else str(mapping.key),
            "purpose": "history" if is_history else "new",
        }
        super().__init__(*args, **kwargs)
        self.headings = mapping.headings
        fields = [("", _("Bỏ qua cột này")), *((spec.key, _label(spec.label, spec.required)) for spec in schema.read)]
        for at, heading in enumerate(self.headings):
            self.fields[f"field_{at}"] = forms.ChoiceField(required=False, label=heading, choices=fields)
        by_visit = ("", _("Lượt khám: mã khách, số điện thoại, dịch vụ, ngày khám"))
        self.fields["key"].choices = [  # type: ignore[attr-defined]
            by_visit,
            *((str(at), _("Cột “%(name)s”") % {"name": heading}) for at, heading in enumerate(self.headings)),
        ]

    def columns(self, seen: Look) -> list[tuple[forms.BoundField, list[str]]]:
        """Each column's field and the first values that stand in it."""
        found = []
        for at in range(len(self.headings)):
            values = [row[at] for row in seen.samples if at < len(row) and row[at].strip()]
            found.append((self[f"field_{at}"], values[:3]))
        return found

    @property
    def mapping(self) -> FileMapping:
        """What was chosen. The form must be valid."""
        data = self.cleaned_data
        fields = tuple(data[f"field_{at}"] for at in range(len(self.headings)))
        return FileMapping(self.headings, fields, int(data["key"]) if data["key"] else None)

    @property
    def is_history(self) -> bool:
        """Whether nobody is written to because of these visits."""
        return bool(self.cleaned_data["purpose"] == "history")


def _label(label: str, required: bool) -> str:
    return f"{label} *" if required else label
