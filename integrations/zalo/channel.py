"""Sending through Zalo: what all its ways share, and the one by phone. `uid.py` has those by user id."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from django.db import DatabaseError

from integrations.base import ChannelName, Clock, OutgoingMessage, SendResult
from integrations.http import Outcome, fan_out
from integrations.models import OfficialAccount
from integrations.zalo import api, tokens
from integrations.zalo.answers import result_of, token_expired
from integrations.zalo.api import Credentials
from integrations.zalo.errors import Host

logger = logging.getLogger(__name__)

Ask = Callable[[Credentials, OutgoingMessage], Outcome]


class ZaloChannel(ABC):
    """One way through Zalo: `name`, the `host` whose table of errors applies, and how to ask."""

    name: ChannelName
    host: Host

    @abstractmethod
    def ask(self, account: OfficialAccount) -> Ask:
        """The call that sends one message of this account."""

    def open(self, account: OfficialAccount, clock: Clock) -> Credentials:
        """What to send with; false when there is none to be had now."""
        return tokens.current(account, clock)

    def send_many(
        self, account: OfficialAccount, messages: Sequence[OutgoingMessage], token: Credentials, clock: Clock
    ) -> list[SendResult]:
        """Send concurrently. Those whose token turned out to be expired are sent once more with a fresh one."""
        ask = self.ask(account)
        outcomes = fan_out(lambda message: ask(token, message), messages)
        expired = [index for index, outcome in enumerate(outcomes) if token_expired(outcome)]
        if expired and (fresh := _renewed(account, token, clock)):
            again = fan_out(lambda index: ask(fresh, messages[index]), expired)
            for index, outcome in zip(expired, again, strict=True):
                outcomes[index] = outcome
        return [result_of(outcome, self.host) for outcome in outcomes]


class ZnsChannel(ZaloChannel):
    """Approved templates to phone numbers, in the clear or hashed as the account chooses."""

    name = ChannelName.ZNS
    host = Host.BUSINESS

    def ask(self, account: OfficialAccount) -> Ask:
        """By the phone, or by its SHA-256 for an account that does not show phones."""
        return api.send_template_hashed if account.hashes_phones else api.send_template


def _renewed(account: OfficialAccount, stale: Credentials, clock: Clock) -> Credentials:
    """A fresh token, or none: our own database's trouble must not put in doubt what Zalo surely did not send."""
    try:
        return tokens.renew(account, stale=stale, clock=clock, urgent=True)
    except DatabaseError:
        logger.exception("zalo: the token of account %s could not be renewed", account.oa_id)
        return Credentials("")
