"""What the guard's rules may know, read once a batch however many messages it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.db.models import Count, Max, QuerySet

from campaigns.models import Message, QuotaWindow
from integrations.base import AccountFacts, Brake, Cap, ChannelName, Period, Policy, SendFacts, Tag
from integrations.models import MessageTemplate, OfficialAccount, ZaloUser
from integrations.vietnam import at, local, month_start
from integrations.zalo.windows import promotion_month_key

# What Zalo counts as a template message. Chat and SMS earn no promotion and are in no quota.
BY_TEMPLATE = (ChannelName.ZNS, ChannelName.UID)
# What others may change while a worker goes on with the account it once read.
_CHANGING = ("daily_quota", "allowed_tags", "tag_one_reserve", "brake", "first_promotion_month", "first_sent_on")
_OF_A_CAP = ("tag", "period", "limit")


@dataclass(frozen=True)
class GuardFacts:
    """The facts of a batch. `cared` and `met` are by phone: the last care that reached it, the last time it was heard."""

    account: AccountFacts
    cared: dict[str, datetime]
    met: dict[str, datetime]
    caps: tuple[Cap, ...]

    def of(self, message: Message) -> SendFacts:
        """What the rules may know about one of the batch's messages."""
        return SendFacts(
            tag=Tag(message.tag),
            phone=message.phone,
            last_care_delivered_at=self.cared.get(message.phone),
            template_daily_quota=message.template.daily_quota,
            template_id=message.template.template_id,
            channel=ChannelName(message.channel),
            template_brake=Brake(message.template.brake),
            last_interaction_at=self.met.get(message.user_id),
            caps=self.caps,
        )


def gather(account: OfficialAccount, policy: Policy, messages: Sequence[Message], now: datetime) -> GuardFacts:
    """Read what the batch needs: one question, one more where it has chat, two or three more where it has promotion."""
    caps = _read_again(account)
    promotes = any(message.tag == Tag.PROMOTION and message.channel in BY_TEMPLATE for message in messages)
    return GuardFacts(
        account_facts(account, promotion_month_quota(account, policy, now) if promotes else 0),
        _last_care_delivered(account, messages, now),
        _last_heard(account, messages),
        caps,
    )


def _read_again(account: OfficialAccount) -> tuple[Cap, ...]:
    """Bring the account up to date, and read its clinic's caps with it.

    A worker must not raise a window that another has lowered since it first read the account.
    """
    caps = [f"workspace__frequency_caps__{name}" for name in _OF_A_CAP]
    rows = list(OfficialAccount.objects.filter(pk=account.pk).values_list(*_CHANGING, *caps))
    for name, value in zip(_CHANGING, rows[0], strict=False):
        setattr(account, name, value)
    found = (row[len(_CHANGING) :] for row in rows)
    return tuple(Cap(Tag(tag), cast(Period, period), limit) for tag, period, limit in found if tag is not None)


def read_templates_again(messages: Sequence[Message]) -> None:
    """Bring the quotas and brakes of the messages' templates up to date."""
    templates = MessageTemplate.objects.filter(pk__in={message.template_id for message in messages})
    told = {pk: (quota, brake) for pk, quota, brake in templates.values_list("pk", "daily_quota", "brake")}
    for message in messages:
        message.template.daily_quota, message.template.brake = told[message.template_id]


def account_facts(account: OfficialAccount, month_quota: int) -> AccountFacts:
    """The account as the rules see it. `month_quota` is promotion's; it counts only where promotion is asked about."""
    return AccountFacts(
        account.oa_id,
        account.daily_quota,
        month_quota,
        allowed_tags=None if account.allowed_tags is None else tuple(account.allowed_tags),
        tag_one_reserve=account.tag_one_reserve,
        brake=Brake(account.brake),
        clinic=str(account.workspace_id),
    )


def promotion_month_quota(account: OfficialAccount, policy: Policy, now: datetime) -> int:
    """How many promotion messages the account may send this month; settled with the first that goes out in it."""
    return promotion_month_quotas([account], {account.pk: policy}, now)[account.pk]


def promotion_month_quotas(
    accounts: Sequence[OfficialAccount], policies: Mapping[int, Policy], now: datetime
) -> dict[int, int]:
    """The same of many accounts, in two questions: account id → quota. `policies` is account id → its rules."""
    month = month_start(local(now).date())
    keys = {promotion_month_key(account.oa_id, month): account.pk for account in accounts}
    windows = QuotaWindow.objects.filter(key__in=keys, used__gt=0).values_list("key", "ceiling")
    settled = {keys[key]: ceiling for key, ceiling in windows}
    unsettled = [account for account in accounts if account.pk not in settled]
    delivered = dict(
        _care_before(month).filter(account__in=unsettled).values_list("account").annotate(Count("id"))
        if unsettled
        else ()
    )
    return settled | {
        account.pk: policies[account.pk].month_quota(
            care_delivered=delivered.get(account.pk, 0), is_first_month=_is_first(account, month)
        )
        for account in unsettled
    }


def _is_first(account: OfficialAccount, month: date) -> bool:
    return account.first_promotion_month in (None, month)


def _care_before(month: date) -> QuerySet[Message]:
    """What makes a month's promotion quota: tag 1 and 2 that arrived in the two months before it."""
    return Message.objects.filter(
        channel__in=BY_TEMPLATE,
        tag__lt=Tag.PROMOTION,
        delivered_at__gte=at(month_start(month, -2)),
        delivered_at__lt=at(month),
    )


def _last_care_delivered(account: OfficialAccount, messages: Sequence[Message], now: datetime) -> dict[str, datetime]:
    """Phone → when a tag 1 or 2 message from this account last reached it; asked only for promotion."""
    phones = {message.phone for message in messages if message.tag == Tag.PROMOTION}
    if not phones:
        return {}
    delivered = Message.objects.filter(
        account=account,
        channel__in=BY_TEMPLATE,
        tag__lt=Tag.PROMOTION,
        phone__in=phones,
        delivered_at__lte=now,
    )
    return dict(delivered.values_list("phone").annotate(Max("delivered_at")))


def _last_heard(account: OfficialAccount, messages: Sequence[Message]) -> dict[str, datetime]:
    """User id → when that person last wrote to or touched the account; asked only for chat."""
    users = {message.user_id for message in messages if message.channel == ChannelName.CHAT}
    if not users:
        return {}
    heard = ZaloUser.objects.filter(account=account, user_id__in=users).values_list("user_id", "last_interaction_at")
    return {user_id: moment for user_id, moment in heard if moment is not None}
