"""The way each message takes: the ladder's facts for a batch, read once, and what follows from its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaigns import lastlook
from campaigns.definition import SendStep
from campaigns.ladder import Closed, Ladder, Patient, Person, Sms, Wanted, climb
from campaigns.models import Message
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.steps import fill
from campaigns.transitions import Move
from integrations.base import ChannelName, Tag
from integrations.models import MessageTemplate, OfficialAccount, SmsAccount, ZaloUser
from integrations.sms.text import plain, segments
from integrations.vietnam import local
from integrations.zalo.rules import ChatRules

# How long a message waits whose only way a person can open again, before it is looked at once more.
BLOCKED_PAUSE = timedelta(hours=1)
# What the guard says of one way only: another may be open.
OF_ONE_WAY = frozenset({Reason.CHAT_QUOTA, Reason.CHAT_WINDOW_CLOSED, Reason.NOT_FOLLOWER})
# Where only the difference of two moments matters.
ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
BY_USER = frozenset({ChannelName.CHAT, ChannelName.UID})


@dataclass(frozen=True)
class LadderFacts:
    """What the ladder needs to know of a batch: the people behind its phones, the SMS account, the chat rules of the day."""

    chat: ChatRules
    people: Mapping[str, Person]
    sms: SmsAccount | None


def known(account: OfficialAccount, messages: Iterable[Message], look: lastlook.Look) -> LadderFacts:
    """Read it: one query for the people, one for the SMS account; neither when no step of the batch allows such ways.

    `messages` are all the account's.
    """
    allowed = {way for definition in look.definitions.values() for step in definition.sends for way in step.channels}
    return LadderFacts(
        chat=account.rules_on(local(look.now).date()).chat,
        people=_people(account, {message.record.phone for message in messages}) if allowed & BY_USER else {},
        sms=SmsAccount.objects.filter(workspace=account.workspace_id).first() if ChannelName.SMS in allowed else None,
    )


def sms_blocked(account: OfficialAccount) -> bool:
    """Whether the clinic's SMS account waits for a person, or is gone."""
    return not SmsAccount.objects.filter(workspace=account.workspace_id, blocked_reason="").exists()


def _people(account: OfficialAccount, phones: set[str]) -> dict[str, Person]:
    """Phone → the Zalo user behind it, where the clinic confirmed it: a stranger may type a patient's phone.

    A phone of several users says nothing: what it is sent is one patient's.
    """
    users = list(ZaloUser.objects.filter(account=account, phone__in=phones, phone_confirmed_at__isnull=False))
    owners: dict[str, list[ZaloUser]] = {}
    for user in users:
        owners.setdefault(user.phone, []).append(user)
    return {
        phone: Person(user.user_id, user.is_follower, user.last_interaction_at)
        for phone, (user, *others) in owners.items()
        if not others
    }


def choose(message: Message, look: lastlook.Look, facts: LadderFacts) -> Move | None:
    """Set the message on the cheapest way that is open; if none is, the move that follows."""
    asked = wanted(look.step(message), message.template, Tag(message.tag), message.params, facts.sms)
    person = facts.people.get(message.phone)
    ladder = climb(asked, _patient(message, person, look, facts))
    if not ladder.open:
        return _no_way(message, ladder, look.now, facts.sms)
    way, *others = ladder.open
    texts = {ChannelName.CHAT: asked.chat_text, ChannelName.SMS: asked.sms_text}
    message.channel, message.price_vnd = way.name.value, way.price
    message.user_id = person.user_id if person and way.name in BY_USER else ""
    message.text = texts.get(way.name, "")
    message.other_ways = tuple(each.name for each in others)
    return None


def wanted(
    step: SendStep, template: MessageTemplate, tag: Tag, params: Mapping[str, str], sms: SmsAccount | None
) -> Wanted:
    """What the step would send to a patient with these parameters. An SMS is priced by how many it is billed as."""
    sms_text = plain(fill(step.sms_text, params))
    return Wanted(
        ways=step.channels,
        tag=tag,
        chat_text=fill(step.chat_text, params),
        sms_text=sms_text,
        max_price=step.max_price_vnd,
        goes_by_uid=template.goes_by_uid,
        price_zns=template.price_vnd,
        # By user id it costs less than by phone, and no price means that Zalo did not tell: never that it is free.
        price_uid=template.price_uid_vnd or template.price_vnd,
        price_sms=sms.price_vnd * segments(sms_text) if sms else 0,
    )


def closed_to_all(step: SendStep, template: MessageTemplate, sms: SmsAccount | None) -> Mapping[ChannelName, Closed]:
    """The ways of a step that not even the best known patient could be reached by, and why: for before activation."""
    asked = wanted(step, template, Tag(template.tag), dict.fromkeys(step.params, "?"), sms)
    friend = Person("?", is_follower=True, last_interaction_at=ANY_DAY)
    # Any rules do: whoever wrote this moment is answered for nothing.
    chat = template.account.rules_on(ANY_DAY.date()).chat
    return climb(asked, Patient(ANY_DAY, chat, person=friend, sms=_sms(sms))).closed


def _sms(account: SmsAccount | None) -> Sms | None:
    return Sms(blocked=bool(account.blocked_reason)) if account else None


def _patient(message: Message, person: Person | None, look: lastlook.Look, facts: LadderFacts) -> Patient:
    return Patient(
        now=look.now,
        chat=facts.chat,
        not_on_zalo=(message.workspace_id, message.phone) in look.not_on_zalo,
        person=person,
        sms=_sms(facts.sms),
        tried=frozenset(each["channel"] for each in message.tried),
    )


def _no_way(message: Message, ladder: Ladder, now: datetime, sms: SmsAccount | None) -> Move:
    """The end, unless the SMS account is all that is in the way: a person can let it send again."""
    facts: dict[str, object] = {"why": {str(name): str(why) for name, why in ladder.closed.items()}}
    if sms and Closed.SMS_BLOCKED in ladder.closed.values():
        return lastlook.snoozed(message, Reason.SMS_BLOCKED, now + BLOCKED_PAUSE, sms.blocked_facts | facts)
    return Move(message, MessageState.SKIPPED, Reason.NO_CHANNEL, facts)


def next_way(message: Message, why: str, facts: dict[str, object], now: datetime) -> Move:
    """The way taken surely did not reach the patient: the message is due again at once and will take another.

    Only for a message with `other_ways`. Attempts are counted for each way by itself.
    """
    told = {**facts, "channel": message.channel, "why": why, "next": str(message.other_ways[0])}
    changes: dict[str, object] = {
        "tried": [*message.tried, {"channel": message.channel, "reason": why}],
        "due_at": now,
        "lease_until": None,
        "claims": [],
        "attempts": 0,
    }
    return Move(message, MessageState.SCHEDULED, Reason.NEXT_CHANNEL, told, changes)
