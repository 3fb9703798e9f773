"""Hạn mức: the gates of every account as they stand now, in as many questions for a dozen accounts as for one.

The limits are those that the guard would claim of a send at this moment, by the same pure rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F

from accounts.models import Workspace
from campaigns.guardfacts import BY_TEMPLATE, account_facts, promotion_month_quotas
from campaigns.labels import GATES
from campaigns.models import Message, QuotaWindow
from campaigns.reasons import Reason
from campaigns.standing.words import HELD
from campaigns.states import MessageState
from integrations.base import AccountFacts, Brake, Claim, Refusal, SendFacts, Tag
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import at, local, next_midnight
from integrations.zalo import windows
from integrations.zalo.policy import ZaloPolicy

PEOPLE = ("user_day_quota", "user_month_quota")
# Somebody of no clinic, whom promotion may be sent to: such a send meets every gate of an account.
_ANYONE = SendFacts(tag=Tag.PROMOTION, phone="")


class QuotaLine(NamedTuple):
    """One gate. `limit` None means unlimited; `drift` is our count minus Zalo's, None where Zalo has not said.

    `waiting` messages were put off by it and have not gone yet.
    """

    account: OfficialAccount
    rule: str
    label: str
    used: int
    limit: int | None
    left: int | None
    ends_at: datetime
    drift: int | None
    waiting: int = 0


class PeopleGate(NamedTuple):
    """What one person may get. `full` so many people have had it all until `ends_at`."""

    rule: str
    label: str
    limit: int
    full: int
    ends_at: datetime


@dataclass(frozen=True)
class AccountQuota:
    """One account's gates, the fullest of them, and the messages that wait for one of the others, by rule.

    `held` names what the account's brake keeps back until midnight, empty for nothing.
    `policy` names the rules it lives under today; Zalo's own dates of them may not cover today. `opens_at` is the daily
    quota from which promotion may be sent, where it may not be yet; 0 where Zalo itself says it may not.
    """

    account: OfficialAccount
    lines: list[QuotaLine]
    people: list[PeopleGate]
    nearest: QuotaLine | None
    held: str
    waiting: list[tuple[str, int]]
    braked: list[MessageTemplate]
    policy: str
    policy_covers_today: bool
    opens_at: int | None


@dataclass(frozen=True)
class _Stand:
    """An account with what its rules are asked with."""

    account: OfficialAccount
    rules: ZaloPolicy
    facts: AccountFacts
    templates: list[MessageTemplate]


def quota_page(*, workspace: Workspace, now: datetime) -> list[AccountQuota]:
    """Every account of the clinic, by name."""
    accounts = list(OfficialAccount.objects.filter(workspace=workspace).order_by("name", "pk"))
    rules = {account.pk: account.rules_on(local(now).date()) for account in accounts}
    months = promotion_month_quotas(accounts, rules, now)
    templates = _templates(accounts)
    stands = [
        _Stand(account, rules[account.pk], account_facts(account, months[account.pk]), templates[account.pk])
        for account in accounts
    ]
    lines = _lines({stand.account.pk: _claims(stand, now) for stand in stands}, accounts, now)
    full, waiting = _full_people(accounts, now), _waiting(accounts, now)
    return [_page_of(stand, lines[stand.account.pk], full, waiting[stand.account.pk], now) for stand in stands]


def daily_lines(accounts: Sequence[OfficialAccount], now: datetime) -> list[QuotaLine]:
    """The daily quota of each, in their order."""
    claims = {each.pk: _named(windows.day_claims(account_facts(each, 0), now)) for each in accounts}
    lines = _lines(claims, accounts, now)
    return [line for account in accounts for line in lines[account.pk]]


def nearest(lines: Iterable[QuotaLine]) -> QuotaLine | None:
    """The gate that is fullest of those something has passed: the next to hold messages back."""
    begun = [(line.used / line.limit, line) for line in lines if line.limit and line.used]
    return max(begun, key=lambda pair: pair[0])[1] if begun else None


def _page_of(
    stand: _Stand,
    lines: list[QuotaLine],
    full: Mapping[tuple[int, str], int],
    waiting: Mapping[str, int],
    now: datetime,
) -> AccountQuota:
    account, rules = stand.account, stand.rules
    people = [
        PeopleGate(
            claim.rule, str(GATES[claim.rule]), claim.limit, full.get((account.pk, claim.rule), 0), claim.ends_at
        )
        for claim in windows.promotion_claims(stand.facts, _ANYONE, rules.promotion, now)
        if claim.rule in PEOPLE and (claim.rule != "user_day_quota" or rules.promotion.per_user_day is not None)
    ]
    counted = [line._replace(waiting=waiting.get(line.rule, 0)) for line in lines]
    elsewhere = set(waiting) - {line.rule for line in lines}
    return AccountQuota(
        account=account,
        lines=counted,
        people=people,
        nearest=nearest(counted),
        held=str(HELD.get(Brake(account.brake), "")),
        waiting=sorted((str(GATES[rule]), waiting[rule]) for rule in elsewhere),
        braked=[template for template in stand.templates if template.brake],
        policy=rules.name,
        policy_covers_today=rules.covers(local(now).date()),
        opens_at=_opens_at(stand, now),
    )


def _opens_at(stand: _Stand, now: datetime) -> int | None:
    verdict = stand.rules.assess(stand.facts, replace(_ANYONE, last_care_delivered_at=now), now)
    if isinstance(verdict, Refusal) and verdict.rule == "tag_not_entitled":
        needed: int = verdict.facts.get("needed", 0)
        return needed
    return None


def _templates(accounts: Sequence[OfficialAccount]) -> dict[int, list[MessageTemplate]]:
    """Account id → its templates that have a quota or a brake of their own."""
    found: dict[int, list[MessageTemplate]] = defaultdict(list)
    for template in MessageTemplate.objects.filter(account__in=accounts).listed().order_by("name", "pk"):
        if template.daily_quota is not None or template.brake:
            found[template.account_id].append(template)
    return found


def _claims(stand: _Stand, now: datetime) -> list[tuple[Claim, str]]:
    """What a promotion message to anyone would claim, then what each template adds; each with what it is called."""
    facts = stand.facts
    own = [
        *windows.day_claims(facts, now),
        *windows.reserve_claims(facts, _ANYONE, now),
        *windows.promotion_claims(facts, _ANYONE, stand.rules.promotion, now),
        *_slow_claims(stand, _ANYONE, now),
    ]
    claims = _named(claim for claim in own if claim.rule not in PEOPLE)
    known = {claim.key for claim in own}
    for template in stand.templates:
        send = replace(
            _ANYONE,
            template_id=template.template_id,
            template_daily_quota=template.daily_quota,
            template_brake=Brake(template.brake),
        )
        added = [*windows.template_claims(facts, send, now), *_slow_claims(stand, send, now)]
        claims += _named((claim for claim in added if claim.key not in known), template.name)
    return claims


def _slow_claims(stand: _Stand, send: SendFacts, now: datetime) -> Iterator[Claim]:
    """The places of a slow hour; nobody stands before that gate where a brake holds back all that would pass it."""
    if stand.facts.brake < Brake.ONLY_TRANSACTION and send.template_brake < Brake.HOLD_PROMOTION:
        yield from windows.slow_claims(stand.facts, send, stand.rules.brake.slow_hour_percent, now)


def _named(claims: Iterable[Claim], template: str = "") -> list[tuple[Claim, str]]:
    """Those of the claims that have a limit, each with what it is called."""
    names = ((claim, str(GATES[claim.rule])) for claim in claims if claim.limit < windows.UNLIMITED)
    return [(claim, f"{name}: {template}" if template else name) for claim, name in names]


def _lines(
    claims: Mapping[int, list[tuple[Claim, str]]], accounts: Sequence[OfficialAccount], now: datetime
) -> dict[int, list[QuotaLine]]:
    """Account id → its gates with what is taken; a gate that no message has met yet shows its whole limit."""
    keys = [claim.key for named in claims.values() for claim, _ in named]
    held = {window.key: window for window in QuotaWindow.objects.filter(key__in=keys)}
    sent = _sent_today([account for account in accounts if account.daily_quota is None], now)
    return {
        account.pk: [
            *_unlimited(account, sent, now),
            *(_line(account, claim, label, held.get(claim.key)) for claim, label in claims[account.pk]),
        ]
        for account in accounts
    }


def _unlimited(account: OfficialAccount, sent: Mapping[int, int], now: datetime) -> Iterator[QuotaLine]:
    if account.daily_quota is None:
        used, label = sent.get(account.pk, 0), str(GATES[Reason.DAILY_QUOTA])
        yield QuotaLine(account, "daily_quota", label, used, None, None, next_midnight(now), None)


def _line(account: OfficialAccount, claim: Claim, label: str, window: QuotaWindow | None) -> QuotaLine:
    used = window.used if window else 0
    drift = None if window is None or window.vendor_used is None else used - window.vendor_used
    limit = _limit(claim, window)
    return QuotaLine(account, claim.rule, label, used, limit, max(0, limit - used), claim.ends_at, drift)


def _limit(claim: Claim, window: QuotaWindow | None) -> int:
    """What the next claim will find: the rules' number, or Zalo's word on it where lower (`places`)."""
    if window is None or window.vendor_limit is None or claim.limit > window.ceiling:
        return claim.limit
    return min(claim.limit, window.vendor_limit)


def _sent_today(accounts: Sequence[OfficialAccount], now: datetime) -> dict[int, int]:
    """Account id → template messages that Zalo took today; asked only for those without a window that counts them."""
    if not accounts:
        return {}
    sent = Message.objects.filter(account__in=accounts, channel__in=BY_TEMPLATE, sent_at__gte=at(local(now).date()))
    return dict(sent.values_list("account").annotate(Count("id")))


def _full_people(accounts: Sequence[OfficialAccount], now: datetime) -> dict[tuple[int, str], int]:
    """(account id, rule) → how many people have had all that the rule leaves one person."""
    full = QuotaWindow.objects.filter(account__in=accounts, rule__in=PEOPLE, ends_at__gt=now, used__gte=F("limit"))
    rows = full.values_list("account", "rule").annotate(Count("id"))
    return {(account, rule): count for account, rule, count in rows}


def _waiting(accounts: Sequence[OfficialAccount], now: datetime) -> dict[int, dict[str, int]]:
    """Account id → rule → messages still waiting because it sent them on."""
    waits = Message.objects.filter(
        account__in=accounts,
        state=MessageState.SCHEDULED,
        snoozes__gt=0,
        due_at__gt=now,
        reason_code__in=list(GATES),
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for account, rule, count in waits.values_list("account", "reason_code").annotate(Count("id")):
        found[account][rule] = count
    return found
