"""Editing what a campaign does: its trigger, its filter and its steps. The pieces become one Definition."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import words
from campaigns.definition import Definition, RecordChangedTrigger, ScheduleTrigger, Trigger
from campaigns.forms.options import Data, Options
from campaigns.forms.steps import step_form
from datahub.filtering.form import FilterForm


class TriggerForm(forms.Form):
    """When a messaging campaign picks up visits."""

    kind = forms.ChoiceField(
        label=_("Điều kiện kích hoạt"),
        choices=[("schedule", _("Định kỳ lặp lại")), ("record_changed", _("Ngay khi dữ liệu thay đổi"))],
        widget=forms.RadioSelect,
    )
    at = forms.TimeField(
        label=_("Giờ chạy"),
        input_formats=["%H:%M", "%Hh%M", "%Hh"],
        widget=forms.TimeInput(format="%H:%M", attrs={"placeholder": "09:00", "autocomplete": "off"}),
        error_messages={"invalid": _("Nhập giờ dạng HH:MM, ví dụ 09:00.")},
        help_text=_("Giờ Việt Nam, dạng HH:MM."),
    )
    days = forms.TypedMultipleChoiceField(
        label=_("Ngày trong tuần"),
        coerce=int,
        choices=list(enumerate(words.WEEKDAYS)),
        widget=forms.CheckboxSelectMultiple,
    )
    field = forms.ChoiceField(label=_("Trường"), required=False)
    to = forms.CharField(label=_("đổi thành"), required=False, max_length=200)

    def __init__(self, data: Data, *, trigger: Trigger, options: Options) -> None:
        super().__init__(cast(Any, data), prefix="trigger", initial=_trigger_initial(trigger))
        cast(forms.ChoiceField, self.fields["field"]).choices = options.field_choices
        if data is not None and data.get("trigger-kind") == "record_changed":
            self.fields["at"].required = self.fields["days"].required = False
            self.fields["field"].required = self.fields["to"].required = True

    def trigger(self) -> Trigger:
        """What was chosen."""
        data = self.cleaned_data
        if data["kind"] == "record_changed":
            return RecordChangedTrigger(field=data["field"], to=data["to"])
        return ScheduleTrigger(at=data["at"], days=tuple(data["days"]))


def _trigger_initial(trigger: Trigger) -> dict[str, Any]:
    schedule = trigger if isinstance(trigger, ScheduleTrigger) else ScheduleTrigger()
    change = (
        trigger
        if isinstance(trigger, RecordChangedTrigger)
        else RecordChangedTrigger(field="status", to="Đã hoàn thành")
    )
    return {
        "kind": trigger.kind,
        "at": schedule.at,
        "days": list(schedule.days),
        "field": change.field,
        "to": change.to,
    }


class CampaignForms:
    """Every piece of one messaging campaign's definition, bound to the same data."""

    def __init__(self, definition: Definition, options: Options, filter: FilterForm, data: Data = None) -> None:
        self.before = definition
        self.filter = filter
        self.trigger = TriggerForm(data, trigger=definition.trigger, options=options)
        self.steps = [form for step in definition.steps if (form := step_form(step, options, data))]

    def is_valid(self) -> bool:
        """Whether every piece is; all are asked, so that every error is shown at once."""
        return not [form for form in (self.trigger, self.filter, *self.steps) if not form.is_valid()]

    def definition(self) -> Definition:
        """What the pieces say together."""
        built = {form.step.key: form.built() for form in self.steps}
        return Definition(
            trigger=self.trigger.trigger(),
            filter=self.filter.tree,
            re_entry=self.before.re_entry,
            steps=tuple(built.get(step.key, step) for step in self.before.steps),
        )
