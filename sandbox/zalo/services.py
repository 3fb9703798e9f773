"""Setting the stage: accounts, templates and people. Keyword-only; doing it twice changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sandbox import vietnam
from sandbox.models import Account, Recipient, Template
from sandbox.zalo import accounts, behaviour, events, limits, outbox, phones


def create_account(
    *,
    oa_id: str,
    name: str,
    app_id: str,
    app_secret: str,
    oa_secret_key: str,
    policy: str = "2026",
    daily_quota: int | None = 20_000,
    webhook_url: str,
    receipt_delay_s: float = 1,
    admin_phones: Sequence[str] = (),
    now: datetime,
) -> dict[str, str] | None:
    """Make an official account; returns its first token pair as Zalo's token answer.

    An account that exists keeps its tokens, limits and secrets; its name and webhook are updated and None returned.
    The month of `now` counts as its first month of tag 3 (+10,000), if it may send tag 3 at all.
    """
    known = Account.objects.filter(oa_id=oa_id).update(name=name, webhook_url=webhook_url)
    if known:
        return None
    pair = accounts.fresh_pair()
    tags = limits.tags_allowed(policy, daily_quota, None)
    Account.objects.create(
        oa_id=oa_id,
        name=name,
        app_id=app_id,
        app_secret=app_secret,
        oa_secret_key=oa_secret_key,
        policy=policy,
        daily_quota=daily_quota,
        webhook_url=webhook_url,
        receipt_delay_s=receipt_delay_s,
        admin_phones=list(admin_phones),
        promo_bonus_month=vietnam.month_key(now) if limits.PROMOTION in tags else "",
        created_at=now,
        **accounts.pair_columns(pair, now),
    )
    return pair.as_json()


def create_template(
    *,
    oa_id: str,
    template_id: str,
    name: str,
    tag: int,
    title: str,
    paragraphs: Sequence[str],
    button: Mapping[str, Any],
    params: Sequence[Mapping[str, Any]],
    price_vnd: int = 200,
    status: int = Template.Status.ENABLE,
    kind: int = 1,
    created_at: datetime | None = None,
) -> None:
    """Put an approved template into the account, or bring an existing one up to date.

    `paragraphs` carry `<param>` placeholders; `button` is {"type", "title", "content"} or {}; `params` need only
    a `name` each, the rest of listParams gets Zalo's usual values. `kind` is 1 custom to 5 rating; without
    `created_at` it is as old as its account.
    """
    Template.objects.update_or_create(
        template_id=template_id,
        defaults={
            "account": Account.objects.get(oa_id=oa_id),
            "name": name,
            "tag": tag,
            "title": title,
            "paragraphs": list(paragraphs),
            "button": dict(button),
            "params": [_param(param) for param in params],
            "price_vnd": price_vnd,
            "price_uid_vnd": price_vnd * 7 // 10,
            "status": status,
            "kind": kind,
            "created_at": created_at,
        },
    )


def set_recipient(
    *, phone: str, on_zalo: bool = True, blocked: bool = False, reachable: bool = True, refusal: int = 0
) -> None:
    """Say how the person behind a phone is. ValueError if it is no Vietnamese mobile number."""
    person = {"on_zalo": on_zalo, "blocked": blocked, "reachable": reachable, "refusal": refusal}
    Recipient.objects.update_or_create(phone=phones.mobile(phone), defaults=person)


def set_habits(*, phone: str, rates: int | None = None, clicks: bool = False, reports: bool = False) -> None:
    """Say what the person behind a phone does with each message that arrives; what is not named they do not.

    `rates` is 1 to 5 stars, for rating messages. ValueError if it is not, or the phone is no Vietnamese mobile number.
    """
    number = phones.mobile(phone)
    if rates is not None and rates not in range(1, behaviour.MOST_STARS + 1):
        raise ValueError(f"rates must be a whole number from 1 to {behaviour.MOST_STARS}")
    habits = {"rates": rates, "clicks": clicks, "reports": reports}
    Recipient.objects.update_or_create(phone=number, defaults=habits)


def make_live(*, oa_id: str, now: datetime) -> None:
    """Let the account move on its ladder by itself from `now` on; days before are not judged."""
    today = vietnam.local(now).date()
    Account.objects.filter(oa_id=oa_id, standing_is_live=False).update(standing_is_live=True, judged_on=today)


def set_template_quota(*, template_id: str, daily_quota: int | None, now: datetime) -> None:
    """Give a template a daily quota of its own, or take it away (None), and tell the webhook."""
    template = Template.objects.select_related("account").get(template_id=template_id)
    before = template.daily_quota
    if before == daily_quota:
        return
    Template.objects.filter(id=template.id).update(daily_quota=daily_quota)
    oa_id = template.account.oa_id
    told = events.change_template_quota(oa_id=oa_id, template_id=template_id, before=before, after=daily_quota)
    outbox.queue(template.account, "change_template_quota", told, at=now)


def _param(param: Mapping[str, Any]) -> dict[str, Any]:
    usual = {"require": True, "type": "STRING", "maxLength": 100, "minLength": 0, "acceptNull": False}
    return {"name": param["name"], **{key: param.get(key, value) for key, value in usual.items()}}
