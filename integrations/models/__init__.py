"""Accounts with the outside world, the templates they own, the people they know, and what they told us."""

from integrations.models.account import OfficialAccount, QuotaChange
from integrations.models.people import InboundEvent, ZaloUser
from integrations.models.sms import SmsAccount
from integrations.models.template import BY_UID_SINCE, DELETED, ENABLED, MessageTemplate, MessageTemplateQuerySet

__all__ = [
    "BY_UID_SINCE",
    "DELETED",
    "ENABLED",
    "InboundEvent",
    "MessageTemplate",
    "MessageTemplateQuerySet",
    "OfficialAccount",
    "QuotaChange",
    "SmsAccount",
    "ZaloUser",
]
