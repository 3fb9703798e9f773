"""The quota guard: no send leaves without a place in every window that Zalo's rules put it in.

`docs/guard.md` explains it. Claims are granted in order, near a limit as many as are left; a batch gives back
exactly what it took; an unknown outcome keeps its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Coalesce, Least

from campaigns.models import Message, QuotaWindow
from datahub.bulk import update_rows
from integrations.base import AccountFacts, Claim, Deferral, Policy, Refusal, SendFacts, Tag
from integrations.models import OfficialAccount
from integrations.vietnam import at, local, month_start

Grant = tuple[str, ...]
Answer = Grant | Deferral | Refusal


def reserve(*, account: OfficialAccount, policy: Policy, messages: Sequence[Message], now: datetime) -> list[Answer]:
    """For each message, in order: the window keys it now holds a place in, or why it may not go.

    Must run inside the caller's transaction: places are taken only if the caller's claim is committed with them.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("guard.reserve belongs inside the transaction that claims the messages")
    if not messages:
        return []
    facts = _account_facts(account, policy, messages, now)
    cared = _last_care_delivered(account, messages, now)
    verdicts = [policy.assess(facts, _send_facts(message, cared), now) for message in messages]
    windows = _locked_windows(account, [verdict for verdict in verdicts if isinstance(verdict, tuple)])
    taken: Counter[str] = Counter()
    answers = [_grant(verdict, windows, taken) if isinstance(verdict, tuple) else verdict for verdict in verdicts]
    _take(windows, taken)
    _note_first_promotion(account, messages, answers, now)
    return answers


def release(messages: Iterable[Message]) -> None:
    """Give back the places of messages that surely did not go out. Inside the transaction that settles them."""
    held = Counter(key for message in messages for key in message.claims)
    if not held:
        return
    ids = dict(QuotaWindow.objects.filter(key__in=held).order_by("key").select_for_update().values_list("key", "id"))
    rows = [{"k": ids[key], "n": count} for key, count in held.items()]
    changed = update_rows(
        QuotaWindow, rows, assign="used = used - v.n", where="t.used >= v.n", types={"k": "bigint", "n": "int"}
    )
    if len(changed) != len(rows):
        raise RuntimeError("messages give back more places than their quota windows gave out")


def close(keys: Iterable[str]) -> None:
    """Zalo says these windows are used up: grant nothing more in them, whatever we counted."""
    QuotaWindow.objects.filter(key__in=set(keys)).update(limit=Least("limit", "used"), vendor_limit=F("used"))


def observe(*, key: str, daily_quota: int, remaining: int) -> None:
    """Zalo's own count for a window: the lower number wins, and the difference is kept to be shown as drift."""
    left = F("used") + remaining
    QuotaWindow.objects.filter(key=key).update(
        limit=Least(F("limit"), left),
        vendor_limit=Least(Coalesce(F("vendor_limit"), left), left),
        vendor_used=max(0, daily_quota - remaining),
    )


def promotion_month_quota(account: OfficialAccount, policy: Policy, now: datetime) -> int:
    """How many promotion messages the account may send this month; computed once, when the month is first asked about."""
    month = month_start(local(now).date())
    window = QuotaWindow.objects.filter(key=f"zalo:{account.oa_id}:promo-month:{month:%Y-%m}").first()
    if window is not None:
        return window.ceiling
    delivered = Message.objects.filter(
        account=account,
        tag__lt=Tag.PROMOTION,
        delivered_at__gte=at(month_start(month, -2)),
        delivered_at__lt=at(month),
    ).count()
    first = account.first_promotion_month in (None, month)
    return policy.month_quota(care_delivered=delivered, is_first_month=first)


def _account_facts(
    account: OfficialAccount, policy: Policy, messages: Sequence[Message], now: datetime
) -> AccountFacts:
    if all(message.tag != Tag.PROMOTION for message in messages):
        return AccountFacts(account.oa_id, account.daily_quota, promotion_month_quota=0)
    return AccountFacts(account.oa_id, account.daily_quota, promotion_month_quota(account, policy, now))


def _note_first_promotion(
    account: OfficialAccount, messages: Sequence[Message], answers: Sequence[Answer], now: datetime
) -> None:
    """Write down the account's first month of promotion once it grants one: a refused one must not spend its bonus."""
    if account.first_promotion_month is not None:
        return
    pairs = zip(messages, answers, strict=True)
    if any(message.tag == Tag.PROMOTION and isinstance(answer, tuple) for message, answer in pairs):
        # Only where it is still empty: another worker may have granted one since this account was read.
        account.first_promotion_month = month_start(local(now).date())
        unwritten = OfficialAccount.objects.filter(pk=account.pk, first_promotion_month=None)
        unwritten.update(first_promotion_month=account.first_promotion_month)


def _last_care_delivered(account: OfficialAccount, messages: Sequence[Message], now: datetime) -> dict[str, datetime]:
    """Phone → when a tag 1 or 2 message from this account last reached it; asked only for promotion."""
    phones = {message.phone for message in messages if message.tag == Tag.PROMOTION}
    if not phones:
        return {}
    delivered = Message.objects.filter(account=account, tag__lt=Tag.PROMOTION, phone__in=phones, delivered_at__lte=now)
    return dict(delivered.values_list("phone").annotate(Max("delivered_at")))


def _send_facts(message: Message, cared: dict[str, datetime]) -> SendFacts:
    return SendFacts(
        tag=Tag(message.tag),
        phone=message.phone,
        last_care_delivered_at=cared.get(message.phone),
        template_daily_quota=message.template.daily_quota,
        template_id=message.template.template_id,
    )


def _locked_windows(account: OfficialAccount, claims: Iterable[tuple[Claim, ...]]) -> dict[str, QuotaWindow]:
    """The windows of all claims, created where missing and then locked.

    Both in key order, so that two batches cannot deadlock: inserting a key that another transaction has inserted
    waits for that transaction as a lock does.
    """
    wanted = {claim.key: claim for each in claims for claim in each}
    new = (
        QuotaWindow(
            account=account,
            key=claim.key,
            rule=claim.rule,
            limit=claim.limit,
            ceiling=claim.limit,
            ends_at=claim.ends_at,
        )
        for _, claim in sorted(wanted.items())
    )
    QuotaWindow.objects.bulk_create(new, ignore_conflicts=True)
    windows = {
        window.key: window for window in QuotaWindow.objects.filter(key__in=wanted).order_by("key").select_for_update()
    }
    for key, window in windows.items():
        _adopt(window, wanted[key].limit)
    return windows


def _adopt(window: QuotaWindow, limit: int) -> None:
    """Follow an account whose tier changed during the day: places already taken stay taken."""
    if window.vendor_limit is not None:
        limit = min(limit, window.vendor_limit)
    if window.limit != limit:
        window.limit, window.ceiling = limit, max(window.ceiling, limit)
        window.save(update_fields=["limit", "ceiling"])


def _grant(claims: tuple[Claim, ...], windows: dict[str, QuotaWindow], taken: Counter[str]) -> Answer:
    for claim in claims:
        window = windows[claim.key]
        if window.used + taken[claim.key] >= window.limit:
            return Deferral(claim.rule, claim.ends_at, {"limit": window.limit})
    taken.update(claim.key for claim in claims)
    return tuple(claim.key for claim in claims)


def _take(windows: dict[str, QuotaWindow], taken: Counter[str]) -> None:
    rows = [{"k": windows[key].pk, "n": count} for key, count in taken.items()]
    changed = update_rows(
        QuotaWindow,
        rows,
        assign="used = used + v.n",
        where='t.used + v.n <= t."limit"',
        types={"k": "bigint", "n": "int"},
    )
    if len(changed) != len(rows):
        raise RuntimeError("a locked quota window changed under us")
