"""What the columns of an outside table mean: a header pasted from a sheet, and a person's word on each column."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datahub.editor.columns import Named
from datahub.matching.suggest import Suggestion, Why
from datahub.models import Field
from datahub.schema import FieldSpec

MOST_COLUMNS = 200
NEW, NOTHING = "+", "-"


class PasteForm(forms.Form):
    """A header, and perhaps a few rows under it, as they come from a sheet's clipboard: tabs between cells."""

    pasted = forms.CharField(
        max_length=50_000,
        label=_("Dán dòng tiêu đề (và vài dòng dữ liệu nếu có)"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The header and the rows. Call it on a valid form."""
        lines = self.cleaned_data["pasted"].splitlines()
        # A header of one column is taken whole: a comma may be part of its name.
        rows = [row for row in csv.reader(lines, delimiter="\t") if any(cell.strip() for cell in row)]
        headers = [cell.strip() for cell in rows[0]][:MOST_COLUMNS] if rows else []
        return headers, rows[1:21]


class NamesForm(forms.Form):
    """A choice for every column that the table does not read yet: which field it means, a new one, or none."""

    def __init__(self, *args: Any, suggestions: Sequence[Suggestion], fields: Sequence[FieldSpec], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.asked = [each for each in dict.fromkeys(suggestions) if each.header and not _needs_no_answer(each)]
        meanings = [
            (NOTHING, _("— bỏ qua —")),
            (NEW, _("+ thêm cột mới")),
            *((spec.key, spec.label) for spec in fields),
        ]
        for at, each in enumerate(self.asked):
            chosen = each.key or NOTHING
            self.fields[f"means-{at}"] = forms.ChoiceField(choices=meanings, initial=chosen, label=each.header)
            self.fields[f"type-{at}"] = forms.ChoiceField(
                choices=Field.Type.choices, initial=each.type, label=_("Kiểu dữ liệu")
            )

    @property
    def rows(self) -> list[tuple[Suggestion, Any, Any]]:
        """Each column that is asked about, with its two boxes."""
        return [(each, self[f"means-{at}"], self[f"type-{at}"]) for at, each in enumerate(self.asked)]

    def answers(self) -> list[Named]:
        """What was said of each column, without those that mean nothing."""
        said = []
        for at, each in enumerate(self.asked):
            meaning, kind = self.cleaned_data[f"means-{at}"], self.cleaned_data[f"type-{at}"]
            if meaning != NOTHING:
                key = "" if meaning == NEW else meaning
                choices = each.choices if kind == Field.Type.CHOICE else ()
                said.append(Named(each.header, key, kind, choices))
        return said


def _needs_no_answer(each: Suggestion) -> bool:
    return each.is_read or each.why in (Why.OURS, Why.HUB)
