"""Which channel is behind each way to a patient. Adding one is a folder here and a line below."""

from __future__ import annotations

from integrations.base import Channel, ChannelName
from integrations.sms.channel import SmsChannel
from integrations.zalo.channel import ZnsChannel
from integrations.zalo.uid import ChatChannel, UidChannel

_CHANNELS: dict[ChannelName, Channel] = {
    ChannelName.CHAT: ChatChannel(),
    ChannelName.UID: UidChannel(),
    ChannelName.ZNS: ZnsChannel(),
    ChannelName.SMS: SmsChannel(),
}


def channel(name: ChannelName) -> Channel:
    """The channel of that name; it speaks for whichever Official Account it is handed."""
    return _CHANNELS[name]
