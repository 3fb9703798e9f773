"""What a member sees of a customer: whole, or enough to recognise them by (decision 0013)."""

from __future__ import annotations

import re
from typing import Any

from accounts.models import Membership
from accounts.roles import Ability
from datahub.phones import EXAMPLE, spaced

# A number long enough to be dialled, however it is spaced, and an e-mail address.
_CONTACT = re.compile(r"\+?\d(?:[\s.\-]?\d){7,}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SAMPLE = f", ví dụ {EXAMPLE}"
_AT_SAMPLE = re.compile(f"({_SAMPLE})(?=$|;)")
_QUOTED = re.compile("“[^”]*”?")
# Two letters that write one sound at the beginning of a name.
_ONSETS = ("ng", "nh", "ph", "th", "tr", "ch", "kh", "gi", "qu")
HIDDEN = "•••"


def sees_phones(membership: Membership | None) -> bool:
    """Whether whole phone numbers and e-mail addresses are this person's business."""
    return membership is not None and membership.may(Ability.SEE_CONTACTS)


def sees_names(membership: Membership | None) -> bool:
    """Whether whole names are."""
    return membership is not None and membership.may(Ability.SEE_NAMES)


def phone(number: str, membership: Membership | None) -> str:
    """0912 345 678; for those who may not see it, 09•• ••• 678."""
    whole = spaced(number)
    return whole if not whole or sees_phones(membership) else f"{whole[:2]}•• ••• {whole[-3:]}"


def person(name: str, membership: Membership | None) -> str:
    """Nguyễn Thị Hoa; for those who may not see it, Ng. T. H."""
    if not name.strip() or sees_names(membership):
        return name
    first, *rest = name.split()
    shown = first[:2] if first[:2].casefold() in _ONSETS else first[:1]
    return " ".join(f"{letters}." for letters in (shown, *(word[:1] for word in rest)))


def veil(text: Any, membership: Membership | None) -> str:
    """Free text with every number to dial and every address hidden."""
    return str(text) if sees_phones(membership) else _CONTACT.sub(HIDDEN, str(text))


def typed(text: Any, membership: Membership | None) -> str:
    """What stood in a cell that was not taken: it may be anything, a name as well."""
    if not sees_names(membership):
        return HIDDEN if str(text).strip() else ""
    return veil(text, membership)


def refusal(text: Any, membership: Membership | None) -> str:
    """Why a cell was refused, without what it quotes from it; the example number everybody is shown."""
    told = str(text) if sees_names(membership) else _QUOTED.sub(f"“{HIDDEN}”", str(text))
    return "".join(part if part == _SAMPLE else veil(part, membership) for part in _AT_SAMPLE.split(told))
