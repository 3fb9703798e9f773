"""PURE. A value that is stored already, asked whether a column with these settings would take it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum

from datahub.dates import stored_day
from datahub.fields import FieldError
from datahub.rows import kept, parse
from datahub.schema import FieldSpec

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class Fit(StrEnum):
    """What the settings make of a stored value."""

    FITS = "fits"
    REREAD = "reread"  # it can be read, but would be written otherwise: it changes when its row is sent again
    REFUSED = "refused"


def fit(value: str, spec: FieldSpec, today: date) -> tuple[Fit, str]:
    """How a stored value meets the settings, and the Vietnamese reason where it is refused. Empty fits: see `required`."""
    if not value:
        return Fit.FITS, ""
    if _is_of(value, spec):
        outcome = kept(value, spec)
    else:
        outcome = parse(value, spec, today)
    if isinstance(outcome, FieldError):
        return Fit.REFUSED, outcome.message
    return (Fit.FITS if outcome == value else Fit.REREAD), ""


def _is_of(value: str, spec: FieldSpec) -> bool:
    """Whether the value has this type's stored form already. What is typed is read otherwise: `1.125` is a thousand."""
    match spec.type:
        case "number":
            return bool(_NUMBER.fullmatch(value)) and f"{Decimal(value).normalize():f}" == value
        case "date":
            return stored_day(value) is not None
        case _:
            return False
