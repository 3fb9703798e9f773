"""The quota guard: no send leaves without a place in every window that Zalo's rules put it in.

`docs/guard.md` explains it. Claims are granted in order, near a limit as many as are left; a batch gives back
exactly what it took; an unknown outcome keeps its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from campaigns import guardfacts, places
from campaigns.models import Message
from integrations.base import Claim, Deferral, Policy, Refusal, Tag
from integrations.models import OfficialAccount
from integrations.vietnam import local, month_start

Grant = tuple[str, ...]
Answer = Grant | Deferral | Refusal
Verdict = tuple[Claim, ...] | Deferral | Refusal


class Count(NamedTuple):
    """Zalo's own numbers for the account's day, as they came with the answer to this message."""

    message: Message
    quota: int
    remaining: int


def reserve(*, account: OfficialAccount, policy: Policy, messages: Sequence[Message], now: datetime) -> list[Answer]:
    """For each message, in order: the window keys it now holds a place in, or why it may not go.

    Must run inside the caller's transaction: places are taken only if the caller's claim is committed with them.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("guard.reserve belongs inside the transaction that claims the messages")
    if not messages:
        return []
    verdicts = _assess(account, policy, messages, now)
    windows = places.locked(account, _claims(verdicts))
    if places.would_raise(windows, _claims(verdicts)):
        # Another worker may have lowered them since: only what is read under the locks may raise them. A window that
        # it calls for and is not locked counts from the next batch on.
        guardfacts.read_templates_again(messages)
        again = _assess(account, policy, messages, now)
        verdicts = [_within(windows, verdict) if isinstance(verdict, tuple) else verdict for verdict in again]
    places.adopt(windows, _claims(verdicts))
    taken: Counter[str] = Counter()
    answers = [_grant(verdict, windows, taken) if isinstance(verdict, tuple) else verdict for verdict in verdicts]
    places.take(windows, taken)
    _note_firsts(account, messages, answers, now)
    return answers


def _assess(account: OfficialAccount, policy: Policy, messages: Sequence[Message], now: datetime) -> list[Verdict]:
    known = guardfacts.gather(account, policy, messages, now)
    return [policy.assess(known.account, known.of(message), now) for message in messages]


def _claims(verdicts: Iterable[Verdict]) -> list[Claim]:
    return [claim for verdict in verdicts if isinstance(verdict, tuple) for claim in verdict]


def _within(windows: places.Windows, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    return tuple(claim for claim in claims if claim.key in windows)


def _grant(claims: tuple[Claim, ...], windows: places.Windows, taken: Counter[str]) -> Answer:
    for claim in claims:
        window = windows[claim.key]
        if window.used + taken[claim.key] >= window.limit:
            return Deferral(claim.rule, claim.ends_at, {"limit": window.limit})
    taken.update(claim.key for claim in claims)
    return tuple(claim.key for claim in claims)


def _note_firsts(
    account: OfficialAccount, messages: Sequence[Message], answers: Sequence[Answer], now: datetime
) -> None:
    """Write down the account's first day, and its first month of promotion, once it grants one: a refusal spends neither."""
    today = local(now).date()
    granted = {
        message.tag
        for message, answer in zip(messages, answers, strict=True)
        if isinstance(answer, tuple) and message.channel in guardfacts.BY_TEMPLATE
    }
    if granted:
        _note_first(account, "first_sent_on", today)
    if Tag.PROMOTION in granted:
        _note_first(account, "first_promotion_month", month_start(today))


def _note_first(account: OfficialAccount, field: str, day: Any) -> None:
    """Only where it is still empty: another worker may have granted one since this account was read."""
    if getattr(account, field) is None:
        setattr(account, field, day)
        OfficialAccount.objects.filter(pk=account.pk, **{field: None}).update(**{field: day})


def release(messages: Iterable[Message]) -> None:
    """Give back the places of messages that surely did not go out. Inside the transaction that settles them."""
    learn(freed=messages)


def learn(
    *, freed: Iterable[Message], closed: Sequence[tuple[Message, str]] = (), counts: Sequence[Count] = ()
) -> None:
    """What Zalo's answers mean for the windows of these messages. Inside the transaction that settles them.

    `freed` surely did not go out: their places are free. `closed` names the rule by which Zalo turned a message away:
    its window grants nothing more, whatever we counted. `counts` are Zalo's own; of several the lowest holds.
    """
    held = Counter(key for message in freed for key in message.claims)
    refused = {key for message, _ in closed for key in message.claims}
    lowest = min(counts, key=lambda count: count.remaining, default=None)
    counted = set(lowest.message.claims) if lowest else set()
    if held or refused:
        # All of them now, though the statements below would each lock their own: in key order, as `reserve` does.
        ids = places.lock_ids({*held, *refused, *counted})
        places.give_back(held, ids)
    for rule in sorted({rule for _, rule in closed}):
        places.close({key for message, because in closed if because == rule for key in message.claims}, rule)
    if lowest:
        places.observe(counted, "daily_quota", quota=lowest.quota, remaining=lowest.remaining)
