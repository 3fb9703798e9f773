"""What Zalo told of people, of the account and of its templates: kept where the newest word counts, in whatever order they come."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from django.db.models import Max

from datahub.bulk import update_rows
from integrations.base import Met, QuotaTold, TagsTold, TemplateTold, Told
from integrations.models import MessageTemplate, OfficialAccount, QuotaChange, ZaloUser
from integrations.zalo.quota_changes import change_quota

logger = logging.getLogger(__name__)

T_co = TypeVar("T_co", bound=Told, covariant=True)

# Before any word of Zalo's: a person of whom we know only what they did.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_OUT_OF_USE = frozenset({"REJECT", "DISABLE", "DELETE"})


class Effect(StrEnum):
    """What became of a stored event. Codes are stored: never rename one."""

    APPLIED = "applied"
    WAITING = "waiting"  # it names a message by an id that we may be about to learn
    TOO_OLD = "too_old"  # something newer is known
    MESSAGE_UNKNOWN = "message_unknown"
    TEMPLATE_UNKNOWN = "template_unknown"
    NOT_UNDERSTOOD = "not_understood"
    NOT_HANDLED = "not_handled"
    FAILED = "failed"


@dataclass(frozen=True)
class Heard(Generic[T_co]):
    """What one stored event of one account says; `event` is its row's id."""

    event: int
    account: int
    received_at: datetime
    said: T_co


def saying(kind: type[T_co], heard: Sequence[Heard[Told]]) -> list[Heard[T_co]]:
    """Those that say this kind of thing."""
    return [
        Heard(each.event, each.account, each.received_at, each.said) for each in heard if isinstance(each.said, kind)
    ]


def hear(heard: Sequence[Heard[Told]]) -> dict[int, Effect]:
    """Apply what was told of people, accounts and templates; the effect of each such event by its id.

    Inside the transaction that marks the events as applied.
    """
    of_accounts: list[Heard[QuotaTold | TagsTold]] = [*saying(QuotaTold, heard), *saying(TagsTold, heard)]
    return (
        _meet(saying(Met, heard)) | _learn_of_accounts(of_accounts) | _learn_of_templates(saying(TemplateTold, heard))
    )


def moves_the_brake(said: Told) -> bool:
    """Whether a brake may have to be set anew: it follows from the daily quota and from a template's quality."""
    return isinstance(said, QuotaTold) or (isinstance(said, TemplateTold) and said.quality is not None)


# --- people -------------------------------------------------------------------


def _meet(met: Sequence[Heard[Met]]) -> dict[int, Effect]:
    if not met:
        return {}
    people = _people({(each.account, each.said.user_id) for each in met})
    for each in met:
        _get_to_know(people[each.account, each.said.user_id], each.said)
    columns = {
        "phone": "text",
        "phone_at": "timestamptz",
        "phone_confirmed_at": "timestamptz",
        "is_follower": "bool",
        "last_interaction_at": "timestamptz",
        "told_at": "timestamptz",
    }
    rows = [{"k": person.pk, **{name: getattr(person, name) for name in columns}} for person in people.values()]
    assign = ", ".join(f"{name} = v.{name}" for name in columns)
    update_rows(ZaloUser, rows, assign=assign, where="true", types={"k": "bigint", **columns})
    return {each.event: Effect.APPLIED for each in met}


def _people(names: set[tuple[int, str]]) -> dict[tuple[int, str], ZaloUser]:
    """These people's rows, made where missing and then locked, both in the same order."""
    new = (ZaloUser(account_id=account, user_id=user_id, told_at=_NEVER) for account, user_id in sorted(names))
    ZaloUser.objects.bulk_create(new, ignore_conflicts=True)
    accounts, user_ids = zip(*names, strict=True)
    held = ZaloUser.objects.filter(account__in=set(accounts), user_id__in=set(user_ids))
    rows = held.order_by("account_id", "user_id").select_for_update()
    return {(each.account_id, each.user_id): each for each in rows if (each.account_id, each.user_id) in names}


def _get_to_know(person: ZaloUser, said: Met) -> None:
    """The newest word counts. Of two in one moment the one that lets us send less, or the greater: the same in any order."""
    if said.is_follower is not None and (said.at, not said.is_follower) > (person.told_at, not person.is_follower):
        person.is_follower, person.told_at = said.is_follower, said.at
    if said.interacted:
        person.last_interaction_at = max(said.at, person.last_interaction_at or said.at)
    if said.phone and (said.at, said.phone) > (person.phone_at or _NEVER, person.phone):
        # Anybody can type anybody's phone: another one than the clinic confirmed is only said.
        person.phone_confirmed_at = person.phone_confirmed_at if said.phone == person.phone else None
        person.phone, person.phone_at = said.phone, said.at


# --- the account and its templates ----------------------------------------------


def _learn_of_accounts(heard: Sequence[Heard[QuotaTold | TagsTold]]) -> dict[int, Effect]:
    if not heard:
        return {}
    ids = {each.account for each in heard}
    accounts = OfficialAccount.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    held = accounts.only("oa_id", "daily_quota", "allowed_tags", "synced_at", "heard").in_bulk()
    changes = QuotaChange.objects.filter(account__in=ids).values_list("account").annotate(Max("at"))
    changed_at: dict[int, datetime] = dict(changes)
    effects = {}
    for each in sorted(heard, key=lambda each: each.said.at):
        account, said = held[each.account], each.said
        kind = "quota" if isinstance(said, QuotaTold) else "tags"
        others = [changed_at.get(account.pk)] if isinstance(said, QuotaTold) else []
        effects[each.event] = Effect.TOO_OLD
        if _is_news(account, kind, said.at, *others):
            effects[each.event] = Effect.APPLIED
            _learn_of_account(account, said)
    for account in held.values():
        account.save(update_fields=["allowed_tags", "heard"])
    return effects


def _learn_of_account(account: OfficialAccount, said: QuotaTold | TagsTold) -> None:
    if isinstance(said, TagsTold):
        account.allowed_tags = list(said.tags)
        logger.warning("zalo: account %s may now send tags %s", account.oa_id, said.tags)
    elif change_quota(account, after=said.daily_quota, cause=QuotaChange.Cause.TOLD, at=said.at):
        logger.warning("zalo: account %s now has %s messages a day", account.oa_id, said.daily_quota)


def _learn_of_templates(heard: Sequence[Heard[TemplateTold]]) -> dict[int, Effect]:
    if not heard:
        return {}
    accounts, names = {each.account for each in heard}, {each.said.template_id for each in heard}
    found = MessageTemplate.objects.filter(account__in=accounts, template_id__in=names)
    held = {(row.account_id, row.template_id): row for row in found.order_by("pk").select_for_update()}
    effects = {}
    for each in sorted(heard, key=lambda each: each.said.at):
        template = held.get((each.account, each.said.template_id))
        if template is None:
            logger.warning("zalo: an event tells of template %s, which is not synchronised", each.said.template_id)
        effects[each.event] = _learn_of_template(template, each.said) if template else Effect.TEMPLATE_UNKNOWN
    MessageTemplate.objects.bulk_update(held.values(), ["status", "reason", "quality", "daily_quota", "heard"])
    return effects


def _learn_of_template(template: MessageTemplate, said: TemplateTold) -> Effect:
    news = {"status": said.status, "quality": said.quality, "daily_quota": said.daily_quota}
    told = {name: value for name, value in news.items() if value is not None}
    told = {name: value for name, value in told.items() if _is_news(template, name, said.at)}
    for name, value in told.items():
        setattr(template, name, value)
    if "status" in told:
        template.reason = said.reason
        if said.status in _OUT_OF_USE:
            logger.warning("zalo: template %s is now %s: %s", template.template_id, said.status, said.reason)
    return Effect.APPLIED if told else Effect.TOO_OLD


def _is_news(row: OfficialAccount | MessageTemplate, what: str, at: datetime, *others: datetime | None) -> bool:
    """Whether nothing newer is known of it: by an event, a reading, or one of the `others`. Notes the event's moment."""
    heard = row.heard.get(what)
    known = [datetime.fromisoformat(heard) if heard else None, row.synced_at, *others]
    if any(moment and moment >= at for moment in known):
        return False
    row.heard = {**row.heard, what: at.isoformat()}
    return True
