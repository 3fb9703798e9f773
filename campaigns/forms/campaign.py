"""Editing what a campaign does: its trigger, its filter and its steps. The pieces become one Definition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import words
from campaigns.definition import Definition, RecordChangedTrigger, ScheduleTrigger, Trigger
from campaigns.forms.options import Data, Options
from campaigns.forms.steps import step_form
from datahub.conditions import AllOf, Condition, Tree


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


class ConditionForm(forms.Form):
    """One question of the filter. No field chosen means no question."""

    field = forms.ChoiceField(label=_("Trường"), required=False)
    op = forms.ChoiceField(label=_("So sánh"), choices=list(words.OPERATORS.items()), initial="eq")
    value = forms.CharField(label=_("Giá trị"), required=False, max_length=400)

    def __init__(self, data: Data, *, number: int, condition: Condition | None, options: Options) -> None:
        initial = {"op": "eq"} if condition is None else condition.model_dump() | {"value": _typed(condition)}
        super().__init__(cast(Any, data), prefix=f"filter-{number}", initial=initial)
        cast(forms.ChoiceField, self.fields["field"]).choices = options.field_choices

    def condition(self) -> Condition | None:
        """What was asked, if anything."""
        data = self.cleaned_data
        if not data["field"]:
            return None
        if data["op"] == "in":
            values = tuple(value.strip() for value in data["value"].split(",") if value.strip())
            return Condition(field=data["field"], op="in", values=values)
        value = "" if data["op"] in ("empty", "filled") else data["value"]
        return Condition(field=data["field"], op=data["op"], value=value)


def _typed(condition: Condition) -> str:
    return ", ".join(condition.values) if condition.op == "in" else condition.value


class CampaignForms:
    """Every piece of one messaging campaign's definition, bound to the same data."""

    def __init__(self, definition: Definition, options: Options, data: Data = None) -> None:
        self.before = definition
        self.trigger = TriggerForm(data, trigger=definition.trigger, options=options)
        self.conditions = (
            [
                ConditionForm(data, number=number, condition=condition, options=options)
                for number, condition in enumerate(_questions(definition))
            ]
            if self.filter_is_simple
            else []
        )
        self.steps = [form for step in definition.steps if (form := step_form(step, options, data))]

    @property
    def filter_is_simple(self) -> bool:
        """Whether the filter is a list of questions that must all hold; a deeper tree is shown, not edited."""
        tree = self.before.filter
        return isinstance(tree, Condition) or (
            isinstance(tree, AllOf) and all(isinstance(part, Condition) for part in tree.all)
        )

    def is_valid(self) -> bool:
        """Whether every piece is; all are asked, so that every error is shown at once."""
        return not [form for form in self._forms() if not form.is_valid()]

    def _forms(self) -> Iterable[forms.Form]:
        return [self.trigger, *self.conditions, *self.steps]

    def definition(self) -> Definition:
        """What the pieces say together."""
        asked = tuple(question for form in self.conditions if (question := form.condition()))
        built = {form.step.key: form.built() for form in self.steps}
        return Definition(
            trigger=self.trigger.trigger(),
            filter=self._filter(asked),
            re_entry=self.before.re_entry,
            steps=tuple(built.get(step.key, step) for step in self.before.steps),
        )

    def _filter(self, asked: tuple[Condition, ...]) -> Tree:
        if not self.filter_is_simple:
            return self.before.filter
        return asked[0] if len(asked) == 1 else AllOf(all=asked)


def _questions(definition: Definition) -> list[Condition | None]:
    """The questions there are, and one more to fill in."""
    tree = definition.filter
    parts = [tree] if isinstance(tree, Condition) else tree.all if isinstance(tree, AllOf) else ()
    return [*(part for part in parts if isinstance(part, Condition)), None]
