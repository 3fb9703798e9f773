"""Setting the stage by hand: how an account is, and what a reviewer at Zalo decides about a template.

`ACCOUNT` and `TEMPLATE` say which fields may be set and what each takes; the stage's pages show them as they stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sandbox import vietnam
from sandbox.models import Account, Policy, Template
from sandbox.zalo import events, limits, outbox, quota, services
from sandbox.zalo.personality import PERSONALITIES

QUALITIES = ("HIGH", "MEDIUM", "LOW", "UNDEFINED")
_LARGEST = 2_000_000_000


@dataclass(frozen=True)
class Field:
    """One thing that can be set: what it takes, in words, and the reading of it (ValueError if it is not that)."""

    takes: str
    read: Callable[[Any], Any]


def _whole(least: int, most: int = _LARGEST, *, or_null: bool = False) -> Field:
    def read(value: Any) -> int | None:
        if value is None and or_null:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError
        return value

    return Field(f"a whole number from {least} to {most}" + (", or null for no limit" if or_null else ""), read)


def _one_of(choices: Mapping[str, Any] | tuple[str, ...]) -> Field:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    return Field("one of " + ", ".join(choices), read)


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _text(most: int) -> Field:
    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise ValueError
        return value

    return Field(f"a text of at most {most} letters", read)


def _tags(value: Any) -> list[int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not set(value) <= set(limits.TAG_NAMES):
        raise ValueError
    return sorted(set(value))


def _phones(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        raise ValueError
    return float(value)


def _day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


_STATUSES = {status.name: status for status in Template.Status}
_FLAG = Field("true or false", _yes_no)
_DAY = Field('a day as "2026-11-21", or null', _day)
ACCOUNT: dict[str, Field] = {
    "policy": _one_of(tuple(Policy.values)),
    "daily_quota": _whole(0, or_null=True),
    "quality_now": _one_of(QUALITIES),
    "quality_7d": _one_of(QUALITIES),
    "personality": _one_of(PERSONALITIES),
    "calls_per_minute": _whole(0, or_null=True),
    "balance_vnd": _whole(0, or_null=True),
    "allowed_tags": Field("a list of tags of 1, 2 and 3, or null for what the policy gives", _tags),
    "promo_month_quota": Field("a whole number, or null: worked out from two months", _whole(0, or_null=True).read),
    "promo_bonus_month": _text(7),
    "promo_user_month_cap": _whole(0),
    "beyond_quota": _FLAG,
    "admin_phones": Field("a list of phones as 84…", _phones),
    "standing_error": _whole(-99_999, 0),
    "standing_is_live": _FLAG,
    "first_sent_on": _DAY,
    "quota_changed_on": _DAY,
    "wants_proof": _FLAG,
    "redirect_uri": _text(500),
    "console_challenge": _text(120),
    "package": _text(40),
    "receipt_delay_s": Field("seconds, from 0 to 86400", _seconds),
}
TEMPLATE: dict[str, Field] = {
    "status": Field("one of " + ", ".join(Template.Status.names), lambda value: _STATUSES[value]),
    "reason": _text(400),
    "quality": _one_of(QUALITIES),
    "tag": _whole(1, 3),
    "daily_quota": _whole(0, or_null=True),
}


def read(asked: Mapping[str, Any], fields: Mapping[str, Field], *, key: str) -> dict[str, Any]:
    """The checked values of everything in `asked` but its `key`. ValueError says which is wrong and what it takes."""
    values = {}
    for name, value in asked.items():
        if name == key:
            continue
        field = fields.get(name)
        if field is None:
            raise ValueError(f"{name} is unknown; there are: {', '.join(fields)}")
        try:
            values[name] = field.read(value)
        except (ValueError, TypeError, KeyError):
            raise ValueError(f"{name} must be {field.takes}") from None
    return values


def shown(row: Account | Template, fields: Mapping[str, Field], *, key: str) -> dict[str, Any]:
    """The row's fields as they stand, under the same names."""
    values = {name: getattr(row, name) for name in (key, *fields)}
    if "status" in values:
        values["status"] = Template.Status(values["status"]).name
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def set_account(account: Account, asked: Mapping[str, Any], now: datetime) -> None:
    """Set what is asked and tell the webhook what Zalo would tell it. ValueError if something makes no sense.

    A new callback ends the grant (zalo-api §1): both tokens die. An account that is made live is judged from today on.
    """
    values = read(asked, ACCOUNT, key="oa_id")
    if values.get("redirect_uri", account.redirect_uri) != account.redirect_uri:
        values |= {"access_expires_at": now, "refresh_expires_at": now}
    if values.get("standing_is_live") and not account.standing_is_live:
        values["judged_on"] = vietnam.local(now).date()
    quota_before, tags_before = account.daily_quota, _tag_names(account)
    _put(account, values)
    told = {"oa_id": account.oa_id}
    if quota_before != account.daily_quota:
        moved = events.change_oa_daily_quota(before=quota_before, after=account.daily_quota, **told)
        outbox.queue(account, "change_oa_daily_quota", moved, at=now)
    if tags_before != (tags := _tag_names(account)):
        retagged = events.change_oa_template_tags(before=tags_before, after=tags, **told)
        outbox.queue(account, "change_oa_template_tags", retagged, at=now)
        quota.note_tags(account, limits.tags_allowed(account.policy, account.daily_quota, account.allowed_tags), now)


def set_template(template: Template, asked: Mapping[str, Any], now: datetime) -> None:
    """Let the reviewer decide, and tell the webhook. ValueError if something makes no sense."""
    values = read(asked, TEMPLATE, key="template_id")
    status_before, quality_before = Template.Status(template.status), template.quality
    daily_quota = values.pop("daily_quota", template.daily_quota)
    _put(template, values)
    services.set_template_quota(template_id=template.template_id, daily_quota=daily_quota, now=now)
    told = {"oa_id": template.account.oa_id, "template_id": template.template_id}
    if status_before != template.status:
        names = {"before": status_before.name, "after": Template.Status(template.status).name}
        decided = events.change_template_status(reason=template.reason, **names, **told)
        outbox.queue(template.account, "change_template_status", decided, at=now)
    if quality_before != template.quality:
        judged = events.change_template_quality(quality=template.quality, **told)
        outbox.queue(template.account, "change_template_quality", judged, at=now)


def _put(row: Account | Template, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    if values:
        type(row)._default_manager.filter(id=row.id).update(**values)


def _tag_names(account: Account) -> list[str]:
    tags = limits.tags_allowed(account.policy, account.daily_quota, account.allowed_tags)
    return [limits.TAG_NAMES[tag] for tag in tags]
