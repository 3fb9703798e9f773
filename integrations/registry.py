"""Which channel speaks for an account. Adding one is a folder here and a line below."""

from __future__ import annotations

from integrations.base import Channel
from integrations.models import OfficialAccount
from integrations.zalo.channel import ZnsChannel

_CHANNELS: dict[str, Channel] = {"zns": ZnsChannel()}


def channel_for(account: OfficialAccount) -> Channel:
    """The channel that this account sends through."""
    return _CHANNELS["zns"]
