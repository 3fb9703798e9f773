"""A claim is not a permission for ever: which messages of a chunk may still leave at the moment it is sent.

Earlier chunks of the batch may have taken a minute, the machine may have slept, a person may have pressed Tạm dừng, a
patient may have refused, the row may have been corrected, Zalo may have refused the account or disabled the template, its night may have begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings

from campaigns import guardfacts, lastlook
from campaigns.models import Message
from campaigns.states import CampaignState
from integrations.base import Brake, ChannelName, Clock, SendFacts, Tag
from integrations.models import OfficialAccount
from integrations.vietnam import local

# Two per sending thread: large enough that one slow answer does not idle the others, small enough that a killed
# worker leaves few messages in doubt.
CHUNK_PER_THREAD = 2
_OF_ACCOUNT = ("blocked_reason", "rests_until", "brake")
_OF_TEMPLATE = ("status", "brake")
_OF_CUSTOMER = ("care", "promotion", "erased_at", "stopped_at", "stopped_until")


def slowest_chunk() -> timedelta:
    """How long a chunk may take: each thread's calls, a token refreshed in between, and each call once more with it."""
    calls = CHUNK_PER_THREAD + 1 + CHUNK_PER_THREAD
    return timedelta(seconds=calls * (settings.HTTP_CONNECT_TIMEOUT_S + settings.HTTP_READ_TIMEOUT_S))


def day_ends_meanwhile(now: datetime) -> bool:
    """Whether what leaves now may arrive tomorrow, when Zalo counts it in a window that we have not asked."""
    return local(now + slowest_chunk()).date() != local(now).date()


def still_good(
    account: OfficialAccount, name: ChannelName, chunk: Sequence[Message], clock: Clock, claimed_on: date
) -> list[Message]:
    """Those of a claimed chunk, all by the way `name`, that may leave this very moment. Two questions.

    A place in today's quota is none in tomorrow's. Whatever is left out here the next look treats as it found it here.
    """
    now, wall = clock.now(), clock.wall()
    active = _read_again(account, chunk)
    if account.blocked_reason or account.rests(wall):
        return []
    if local(now).date() != claimed_on or day_ends_meanwhile(now):
        return []
    marks = lastlook.marks({account.workspace_id}, {message.phone for message in chunk}, now)
    return [
        message
        for message in chunk
        if message.pk in active
        and message.lease_until is not None
        and wall < message.lease_until
        and lastlook.not_yet(message, now) is None
        and not marks.close(message, name)
        and lastlook.refused(message.tag, message.record.customer, message.workspace, now) is None
        and not _held(account, message, now)
    ]


def _read_again(account: OfficialAccount, chunk: Sequence[Message]) -> set[int]:
    """Bring the account, the chunk's templates and its customers' words up to date; the ids of messages that are as they were claimed."""
    held = {message.pk: message for message in chunk}
    rows = Message.objects.filter(pk__in=held, campaign__state=CampaignState.ACTIVE).values_list(
        "pk",
        "record__revision",
        *(f"record__customer__{name}" for name in _OF_CUSTOMER),
        *(f"account__{name}" for name in _OF_ACCOUNT),
        *(f"template__{name}" for name in _OF_TEMPLATE),
    )
    active = set()
    for pk, revision, *told in rows:
        said, values = told[: len(_OF_CUSTOMER)], told[len(_OF_CUSTOMER) :]
        for name, value in zip(_OF_CUSTOMER, said, strict=True):
            setattr(held[pk].record.customer, name, value)
        for name, value in zip(_OF_ACCOUNT, values, strict=False):
            setattr(account, name, value)
        for name, value in zip(_OF_TEMPLATE, values[len(_OF_ACCOUNT) :], strict=True):
            setattr(held[pk].template, name, value)
        # What was corrected since the claim is looked at anew, with its new data.
        if revision == held[pk].record.revision:
            active.add(pk)
    return active


def _held(account: OfficialAccount, message: Message, now: datetime) -> bool:
    """Whether Zalo's night has begun for it meanwhile, or a brake holds it."""
    facts = SendFacts(
        tag=Tag(message.tag),
        phone=message.phone,
        channel=ChannelName(message.channel),
        template_brake=Brake(message.template.brake),
    )
    rules = account.rules_on(local(now).date())
    return rules.held(guardfacts.account_facts(account, month_quota=0), facts, now) is not None
