"""Sending to a Zalo user id: an approved template, or a consultation (tư vấn) message to who wrote lately."""

from __future__ import annotations

from integrations.base import ChannelName
from integrations.models import OfficialAccount
from integrations.zalo import api
from integrations.zalo.channel import Ask, ZaloChannel
from integrations.zalo.errors import Host


class UidChannel(ZaloChannel):
    """Approved templates by user id. Zalo takes no tracking id here: only `msg_id` ties what comes back to a message."""

    name = ChannelName.UID
    host = Host.OPENAPI

    def ask(self, account: OfficialAccount) -> Ask:
        """The template endpoint of the OpenAPI host."""
        return api.send_template_to_user


class ChatChannel(ZaloChannel):
    """Consultation messages: free within 48 hours of what the patient last did, billed until seven days, then closed."""

    name = ChannelName.CHAT
    host = Host.OPENAPI

    def ask(self, account: OfficialAccount) -> Ask:
        """The consultation endpoint of the OpenAPI host."""
        return api.send_consultation
