"""Looking for records."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from django import forms
from django.utils.translation import gettext_lazy as _

from datahub.conditions import AllOf, AnyOf, Condition, Tree
from datahub.filtering.check import Problem, read
from datahub.filtering.letters import plain
from datahub.models import Dataset, RecordQuerySet, Segment
from datahub.schema import PHONE, STATUS
from datahub.segments import narrowed, trouble
from datahub.statuses import status_names
from datahub.text import clean, search_key


class RecordFilter(forms.Form):
    """The search box and the status filter above the records. Whatever is typed, a page comes back."""

    q = forms.CharField(required=False, label=_("Tìm"))
    status = forms.ChoiceField(required=False, label=_("Trạng thái"))
    segment = forms.TypedChoiceField(required=False, label=_("Phân khúc"), coerce=int, empty_value=None)

    def __init__(self, *args: Any, dataset: Dataset, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.segments = {each.pk: each for each in dataset.segments.filter(removed_at=None).order_by("name", "id")}
        live = ((pk, segment.name) for pk, segment in self.segments.items())
        self.fields["segment"].choices = [("", _("Mọi lượt khám")), *live]  # type: ignore[attr-defined]
        names = status_names(dataset)
        self.fields["status"].choices = [("", _("Mọi trạng thái")), *((name, name) for name in names)]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = _("Tên, mã khách hàng hoặc số điện thoại")

    def narrow(self, records: RecordQuerySet) -> RecordQuerySet:
        """The records that are looked for; a filter that is no choice is no filter."""
        self.is_valid()
        records = records.search(self.cleaned_data.get("q", ""))
        if status := self.cleaned_data.get("status"):
            records = records.filter(status=status)
        return narrowed(records, self.chosen_segment, self.today) if self.chosen_segment else records

    @property
    def chosen_segment(self) -> Segment | None:
        """The segment the page is narrowed to."""
        self.is_valid()
        return self.segments.get(self.cleaned_data.get("segment") or 0)

    @property
    def trouble(self) -> str:
        """Why the chosen segment finds nobody, if its filter cannot be used."""
        return trouble(self.chosen_segment) if self.chosen_segment else ""

    def tree(self) -> Tree:
        """What the page is narrowed by, as a filter tree."""
        chosen, status = self.chosen_segment, self.cleaned_data.get("status")
        segment = read(chosen.tree) if chosen else AllOf()
        asked = [
            *([] if isinstance(segment, Problem) else segment.all if isinstance(segment, AllOf) else [segment]),
            *([Condition(field=STATUS, op="eq", value=status)] if status else []),
            *_search(self.cleaned_data.get("q", "")),
        ]
        return asked[0] if len(asked) == 1 else AllOf(all=tuple(asked))


def _search(text: str) -> list[Tree]:
    """The search box as questions: code, name or phone."""
    piece = clean(text)
    if not plain(piece):
        return []
    asked = [Condition(field=key, op="contains", value=piece) for key in ("customer_id", "customer_name")]
    digits = search_key(piece)
    if not digits.isdecimal():
        return [AnyOf(any=tuple(asked))]
    op: Literal["starts_with", "contains"] = "starts_with" if digits.startswith("0") else "contains"
    return [AnyOf(any=(*asked, Condition(field=PHONE, op=op, value=re.sub("^0", "84", digits))))]
