"""Editing one step of a campaign: how long to wait, and what to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import words
from campaigns.definition import DelayStep, ParamSource, SendStep, Step
from campaigns.forms.options import Data, Options
from campaigns.forms.ways import WaysForm
from datahub.models import Field
from integrations.zalo.contract import is_required

LONGEST_DELAY = 60 * 24 * 366


class DelayForm(forms.Form):
    """How long to wait, and from when."""

    kind = "delay"
    amount = forms.IntegerField(label=_("Trì hoãn"), min_value=0, max_value=LONGEST_DELAY)
    unit = forms.TypedChoiceField(label=_("Đơn vị"), coerce=int, choices=sorted(words.UNITS.items()))
    anchor = forms.ChoiceField(label=_("Tính từ"))

    def __init__(self, data: Data, *, step: DelayStep, options: Options) -> None:
        amount, unit = words.split(step.minutes)
        super().__init__(
            cast(Any, data), prefix=f"step-{step.key}", initial={"amount": amount, "unit": unit, "anchor": step.anchor}
        )
        self.step = step
        cast(forms.ChoiceField, self.fields["anchor"]).choices = [
            ("enrolled", _("lúc vào chiến dịch (giờ chạy)")),
            ("completed_at", _("lúc hoàn thành")),
            *((field.key, field.label) for field in options.fields if field.type == Field.Type.DATE),
        ]

    def clean(self) -> dict[str, Any]:
        """A year at most, whatever the unit."""
        data = super().clean() or {}
        if data.get("amount", 0) * data.get("unit", 1) > LONGEST_DELAY:
            self.add_error("amount", _("Trì hoãn dài nhất là 366 ngày."))
        return data

    def built(self) -> DelayStep:
        """The step as typed."""
        data = self.cleaned_data
        return DelayStep(key=self.step.key, minutes=data["amount"] * data["unit"], anchor=data["anchor"])


@dataclass(frozen=True)
class Param:
    """One parameter of a template with its two fields."""

    name: str
    required: bool
    max_length: int | None
    field: forms.BoundField
    value: forms.BoundField


class SendForm(WaysForm):
    """Which template to send, where its parameters come from, and how long the message stays useful.

    Parameters follow the template that is chosen now. One that was not on the page takes the field of its own name.
    """

    kind = "send"
    template = forms.ChoiceField(label=_("Mẫu tin ZNS"), required=False)
    useful_hours = forms.IntegerField(
        label=_("Hạn gửi muộn nhất (giờ)"),
        min_value=1,
        max_value=24 * 31,
        help_text=_("Trễ hơn chừng này giờ so với giờ dự kiến thì tin bị bỏ qua, không gửi muộn."),
    )

    def __init__(self, data: Data, *, step: SendStep, options: Options, template_id: str | None = None) -> None:
        initial = {"template": str(step.template or ""), "useful_hours": step.useful_hours, **self.initial_of(step)}
        super().__init__(cast(Any, data), prefix=f"step-{step.key}", initial=initial)
        self.step, self.options = step, options
        choice = cast(forms.ChoiceField, self.fields["template"])
        choice.choices, choice.required = options.template_choices, options.must_choose
        if data is not None:
            template_id = data.get(self.add_prefix("template"), "")
        elif template_id is None:
            template_id = str(step.template or "")
        self.chosen = options.templates.get(int(template_id)) if template_id.isdigit() else None
        for param in self.chosen.params if self.chosen else []:
            self._add_param(param["name"])

    def _add_param(self, name: str) -> None:
        source = self.step.params.get(name) or self._guess(name)
        self.fields[f"field:{name}"] = forms.ChoiceField(
            required=False, choices=self.options.field_choices, initial=source.field, label=_("Lấy từ trường")
        )
        self.fields[f"value:{name}"] = forms.CharField(
            required=False, max_length=400, initial=source.value, label=_("Nếu trống thì ghi")
        )

    def _guess(self, name: str) -> ParamSource:
        return ParamSource(field=name if name in self.options.labels else "")

    @property
    def params(self) -> list[Param]:
        """The parameters in Zalo's order."""
        return [
            Param(
                each["name"],
                is_required(each),
                each.get("maxLength"),
                self[f"field:{each['name']}"],
                self[f"value:{each['name']}"],
            )
            for each in (self.chosen.params if self.chosen else [])
        ]

    def clean(self) -> dict[str, Any]:
        """A parameter that Zalo requires must come from somewhere."""
        data = super().clean() or {}
        for param in self.params:
            source = self._source(param.name)
            if param.required and not source.field and not source.value:
                self.add_error(f"field:{param.name}", _("Chọn trường hoặc ghi chữ cố định."))
        self.check_texts(self.chosen)
        return data

    def _source(self, name: str) -> ParamSource:
        if self.add_prefix(f"field:{name}") not in self.data:
            return self.step.params.get(name) or self._guess(name)
        return ParamSource(
            field=self.cleaned_data.get(f"field:{name}", ""), value=self.cleaned_data.get(f"value:{name}", "")
        )

    def built(self) -> SendStep:
        """The step as typed. Without a template there are no parameters to ask about, and what was set before is kept."""
        typed = {"useful_hours": self.cleaned_data["useful_hours"], **self.ways()}
        if self.chosen is None:
            return self.step.model_copy(update={"template": None, **typed})
        params = {param.name: self._source(param.name) for param in self.params}
        return SendStep(key=self.step.key, template=self.chosen.pk, params=params, **typed)


StepForm = DelayForm | SendForm


def step_form(step: Step, options: Options, data: Data = None) -> StepForm | None:
    """The form of a step; None for a step that nobody edits."""
    if isinstance(step, DelayStep):
        return DelayForm(data, step=step, options=options)
    return SendForm(data, step=step, options=options) if isinstance(step, SendStep) else None
