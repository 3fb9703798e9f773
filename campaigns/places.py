"""Places in quota windows: taken, given back, closed, and compared with Zalo's own count. `guard.py` decides who gets one.

Whoever locks more than one window locks them all at once and in key order, so that no two can wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Least

from campaigns.models import QuotaWindow
from datahub.bulk import update_rows, upsert_rows
from integrations.base import Claim
from integrations.models import OfficialAccount


@dataclass(slots=True)
class Window:
    """What a batch needs of a locked row; a whole model for each patient's window costs more than its grant."""

    id: int
    limit: int
    ceiling: int
    used: int
    vendor_limit: int | None


Windows = dict[str, Window]

# To make so many windows, though most are there already, costs less than to ask first which are missing.
FEW = 20
# No quota is larger; a number beyond it is no number to count with, and would not fit the column.
_MOST = 1_000_000_000


def locked(account: OfficialAccount, claims: Iterable[Claim]) -> Windows:
    """The windows of the claims by key, made where missing, then locked; `adopt` brings them to the limits that hold now.

    Both in key order: inserting a key that another transaction has inserted waits for that transaction as a lock does.
    """
    wanted = dict(sorted({claim.key: claim for claim in claims}.items()))
    # A lone window cannot be locked in the wrong order, and mostly it is there.
    windows = _locked(wanted) if len(wanted) == 1 else {}
    if len(windows) < len(wanted):
        windows = _made(account, wanted)
    if len(windows) < len(wanted):
        windows = _locked(wanted)
    return windows


def _made(account: OfficialAccount, wanted: Mapping[str, Claim]) -> Windows:
    """The windows that were missing, and are now there and nobody else's yet."""
    known: set[str] = set()
    if len(wanted) > FEW:
        known.update(QuotaWindow.objects.filter(key__in=wanted).values_list("key", flat=True))
    missing = [_window(account, claim) for key, claim in wanted.items() if key not in known]
    made = upsert_rows(QuotaWindow, missing, unique=["key"], returning="key")
    return {key: Window(pk, wanted[key].limit, wanted[key].limit, 0, None) for key, pk in made.items()}


def _locked(keys: Iterable[str]) -> Windows:
    rows = _lock(keys).values_list("key", "id", "limit", "ceiling", "used", "vendor_limit")
    return {key: Window(pk, limit, ceiling, used, told) for key, pk, limit, ceiling, used, told in rows}


def _window(account: OfficialAccount, claim: Claim) -> dict[str, object]:
    return {
        "account_id": account.pk,
        "key": claim.key,
        "rule": claim.rule,
        "limit": claim.limit,
        "ceiling": claim.limit,
        "used": 0,
        "ends_at": claim.ends_at,
    }


def _lock(keys: Iterable[str]) -> QuerySet[QuotaWindow]:
    return QuotaWindow.objects.filter(key__in=list(keys)).order_by("key").select_for_update()


def would_raise(windows: Windows, claims: Iterable[Claim]) -> bool:
    """Whether `adopt` would let one of these windows grant more than it does."""
    return any(_limit(windows[claim.key], claim)[0] > windows[claim.key].limit for claim in set(claims))


def adopt(windows: Windows, claims: Iterable[Claim]) -> None:
    """Follow an account whose quota changed during the day: places already taken stay taken.

    A limit higher than the window ever had is a new quota: what Zalo said of the old one no longer counts. Not so in the
    month of promotion, which grows with our own count of late receipts: that overrules no word of Zalo's.
    """
    changed = []
    for claim in set(claims):
        window = windows[claim.key]
        limit, told = _limit(window, claim)
        if window.limit != limit:
            window.limit, window.ceiling, window.vendor_limit = limit, max(window.ceiling, limit), told
            changed.append({"k": window.id, "l": limit, "c": window.ceiling, "z": told})
    update_rows(
        QuotaWindow,
        changed,
        assign='"limit" = v.l, ceiling = v.c, vendor_limit = v.z',
        where='t."limit" <> v.l',
        types={"k": "bigint", "l": "int", "c": "int", "z": "int"},
    )


def _limit(window: Window, claim: Claim) -> tuple[int, int | None]:
    """What a locked window may grant up to by this claim, and what still counts of Zalo's word."""
    is_new = claim.limit > window.ceiling and claim.rule != "promotion_month_quota"
    told = None if is_new else window.vendor_limit
    return (claim.limit if told is None else min(claim.limit, told)), told


def take(windows: Windows, taken: Mapping[str, int]) -> None:
    """Raise `used` of locked windows by so many places each; the condition is the last line of defence."""
    rows = [{"k": windows[key].id, "n": count} for key, count in taken.items()]
    changed = update_rows(
        QuotaWindow,
        rows,
        assign="used = used + v.n",
        where='t.used + v.n <= t."limit"',
        types={"k": "bigint", "n": "int"},
    )
    if len(changed) != len(rows):
        raise RuntimeError("a locked quota window changed under us")


def lock_ids(keys: Iterable[str]) -> dict[str, int]:
    """Lock the windows of these keys, in key order; key → id."""
    return dict(_lock(set(keys)).values_list("key", "id"))


def give_back(held: Counter[str], ids: Mapping[str, int]) -> None:
    """Lower `used` of locked windows by what was held. Raises RuntimeError if a window never gave out so many."""
    rows = [{"k": ids[key], "n": count} for key, count in held.items()]
    changed = update_rows(
        QuotaWindow, rows, assign="used = used - v.n", where="t.used >= v.n", types={"k": "bigint", "n": "int"}
    )
    if len(changed) != len(rows):
        raise RuntimeError("messages give back more places than their quota windows gave out")


def close(keys: Iterable[str], rule: str) -> None:
    """Zalo says that those of these windows that belong to `rule` are used up: grant nothing more, whatever we counted."""
    QuotaWindow.objects.filter(key__in=list(keys), rule=rule).update(
        limit=Least("limit", "used"), vendor_limit=F("used")
    )


def observe(keys: Iterable[str], rule: str, *, quota: int, remaining: int) -> None:
    """Zalo's count in the answer to a send: the lower number wins, and the difference is kept to be shown as drift.

    Answers come in any order, so of several the lowest holds until the account is read afresh.
    """
    left = F("used") + min(remaining, _MOST)
    QuotaWindow.objects.filter(key__in=list(keys), rule=rule).update(
        limit=Least(F("limit"), left),
        vendor_limit=Least(Coalesce(F("vendor_limit"), left), left),
        vendor_used=_counted(quota, remaining),
    )


def adjust(window: Window, *, limit: int, quota: int | None, remaining: int) -> None:
    """Zalo's count when it was asked for it: the newest word, in place of whatever it said before in this window.

    `limit` is ours, and never passed when Zalo's is higher. `quota` None: Zalo told only what is left.
    """
    left = window.used + min(remaining, _MOST)
    changes = {"limit": min(limit, left), "vendor_limit": left}
    if quota is not None:
        changes["vendor_used"] = _counted(quota, remaining)
    QuotaWindow.objects.filter(pk=window.id).update(**changes)


def _counted(quota: int, remaining: int) -> int:
    return min(max(0, quota - remaining), _MOST)
