"""PURE. Adding and taking away a reminder: a delay and a send step that belong together."""

from __future__ import annotations

from campaigns.definition import Definition, DelayStep, SendStep, Step


def with_reminder(definition: Definition, *, number: int) -> Definition:
    """One more reminder a day after the one before it. `number` must be new to the campaign: keys are never used again."""
    longest = max((step.minutes for step in definition.steps if isinstance(step, DelayStep)), default=0)
    anchor = next((step.anchor for step in definition.steps if isinstance(step, DelayStep)), "enrolled")
    delay = DelayStep(key=f"wait-v{number}", minutes=longest + 1440, anchor=anchor)
    return _with_steps(definition, (*definition.steps, delay, SendStep(key=f"send-v{number}")))


def without(definition: Definition, key: str) -> Definition | None:
    """The definition without the send step `key` and the delay before it; None where that may not be."""
    steps = definition.steps
    index = next((index for index, step in enumerate(steps) if step.key == key and isinstance(step, SendStep)), None)
    if index is None or len(definition.sends) == 1:
        return None
    first = index - 1 if index and isinstance(steps[index - 1], DelayStep) else index
    return _with_steps(definition, (*steps[:first], *steps[index + 1 :]))


def _with_steps(definition: Definition, steps: tuple[Step, ...]) -> Definition:
    return Definition(trigger=definition.trigger, filter=definition.filter, re_entry=definition.re_entry, steps=steps)
