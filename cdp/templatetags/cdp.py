"""How pages print times, money, phones, states and reasons."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from accounts.models import AuditEntry, Membership, User
from accounts.roles import Ability, Role
from accounts.secrets import masked
from campaigns import explain, labels, reactions
from campaigns.gates import QuotaLine
from campaigns.models import Message, Reaction
from campaigns.reasons import Reason
from campaigns.states import MessageState
from campaigns.words import grouped
from cdp import contacts
from datahub.dates import stored_day
from datahub.models import Field, RecordEvent, Source
from datahub.phones import spaced
from integrations.base import ChannelName
from integrations.models import MessageTemplate, OfficialAccount
from integrations.vietnam import local
from integrations.zalo.oauth import refused_for
from integrations.zalo.tokens import GRANT_BROKEN

register = template.Library()
register.filter(grouped)
# What is shown of a customer depends on who looks: {{ … |phone:membership }}.
register.filter(contacts.phone)
register.filter(contacts.person)
register.filter(contacts.veil)
register.filter(contacts.typed)
register.filter("veil_reason", contacts.refusal)
register.filter("dialled", spaced)
_ROLES = {
    Role.OWNER: gettext_noop("Chủ doanh nghiệp"),
    Role.ADMIN: gettext_noop("Quản trị viên"),
    Role.STAFF: gettext_noop("Nhân viên"),
    Role.VIEWER: gettext_noop("Chỉ xem"),
}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A picture of our own set; it says nothing to a screen reader, so the text beside it must."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', size, static("cdp/icons.svg"), name
    )


@register.simple_tag
def icon_at(name: str, x: int, y: int) -> SafeString:
    """The same picture inside a drawing, its centre at x, y."""
    return format_html(
        '<use href="{}#{}" x="{}" y="{}" width="18" height="18"/>', static("cdp/icons.svg"), name, x - 9, y - 9
    )


@register.filter
def when(moment: datetime | None) -> str:
    """11:00 22/11/2026, in Vietnam."""
    return f"{local(moment):%H:%M %d/%m/%Y}" if moment else ""


@register.filter
def clock(moment: datetime | None) -> str:
    """11:00, in Vietnam."""
    return f"{local(moment):%H:%M}" if moment else ""


@register.filter
def day(value: date | None) -> str:
    """22/11/2026."""
    return f"{value:%d/%m/%Y}" if value else ""


@register.filter
def short_day(value: date) -> str:
    """22/11."""
    return f"{value:%d/%m}"


@register.simple_tag
def initial(user: User) -> str:
    """The letter in a person's disc: of the given name, which comes last in Vietnamese."""
    return str(user).split()[-1][:1].upper()


@register.filter
def vnd(amount: int) -> str:
    """1.200 đ."""
    return f"{grouped(amount)} đ"


@register.filter
def may(membership: Membership | None, ability: str) -> bool:
    """Whether to offer an action at all; the view that does it asks again."""
    return membership is not None and membership.may(Ability(ability))


@register.filter
def role_name(role: str) -> str:
    """A role in the words of the clinic."""
    return gettext(_ROLES[Role(role)])


@register.filter
def tone(state: str) -> str:
    """The colour family of a state."""
    return explain.state_tone(state)


@register.filter
def reason(thing: Any) -> str:
    """The sentence behind a message, an event or an enrollment; empty when there is nothing to explain."""
    return explain.reason_text(thing.reason_code, thing.facts) if thing.reason_code else ""


@register.filter
def reaction(thing: Reaction) -> str:
    """What a patient did with a message, in a line."""
    return reactions.words(thing)


@register.filter
def deed(entry: AuditEntry) -> str:
    """What somebody did about a customer, in a line."""
    return str(labels.DEEDS.get(entry.action, entry.action))


@register.filter
def uncharged(message: Message) -> bool:
    """Whether Zalo asks nothing for a message that it took."""
    return message.reason_code in (Reason.NOT_DELIVERED, Reason.DELIVERED_LATE)


@register.simple_tag(takes_context=True)
def value_of(context: Context, values: dict[str, str], field: Field) -> str:
    """One cell of a record as its type is read and as this person may see it."""
    return _shown(values.get(field.key, ""), field, context.get("membership"))


def _shown(text: str | None, field: Field | None, membership: Membership | None) -> str:
    """A clean value as a page prints it. Of a column that is no more nobody knows what it held."""
    if not text or field is None:
        return contacts.typed(text or "", membership)
    if field.key == "customer_name":
        return contacts.person(text, membership)
    if field.type == Field.Type.PHONE:
        return contacts.phone(text, membership)
    if field.type == Field.Type.DATE:
        # A column that changed its type still holds what was typed before.
        return day(stored_day(text)) or text
    return contacts.veil(text, membership)


@register.simple_tag
def webhook_url(source: Source) -> str:
    """Where the sheet, or another program, posts its rows."""
    door = "json" if source.kind == Source.Kind.JSON else "sheets"
    return f"{settings.PUBLIC_URL}/hooks/{door}/{source.key}"


@register.simple_tag
def masked_secret(source: Source) -> str:
    """Enough of the secret to recognise it."""
    return masked(source.secret)


@register.simple_tag
def link(view: str, args: tuple[object, ...]) -> str:
    """The address of a view whose name is data."""
    return reverse(view, args=args)


@register.filter
def state_name(state: str) -> str:
    """A message's state in words."""
    return str(Message.State(state).label)


@register.filter
def way_name(way: str) -> str:
    """The way a message goes by, in words."""
    return str(labels.WAYS[ChannelName(way)])


@register.filter
def unsent(message: Message) -> bool:
    """Whether the row owes an explanation: it has not reached Zalo, or nobody knows."""
    return message.state not in (MessageState.SENT, MessageState.DELIVERED)


@register.filter
def marked(text: str) -> SafeString:
    """A sample paragraph with its <parameters> marked."""
    parts = re.split(r"<(\w+)>", text)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part) if index % 2 else part,) for index, part in enumerate(parts))
    )


@register.simple_tag(takes_context=True)
def changes_of(context: Context, event: RecordEvent, fields: dict[str, Field]) -> list[tuple[str, str, str]]:
    """What an event changed: label, before, after."""
    who = context.get("membership")
    return [
        (
            fields[key].label if key in fields else key,
            _shown(old, fields.get(key), who),
            _shown(new, fields.get(key), who),
        )
        for key, (old, new) in event.changes.items()
    ]


@register.simple_tag
def gate_tone(line: QuotaLine) -> str:
    """Nine tenths used is a warning, all of it is bad."""
    if line.limit is None or line.used * 10 < line.limit * 9:
        return "ok"
    return "warn" if line.left else "bad"


@register.simple_tag
def rule_words(rule: str) -> str:
    """A quota rule in a sentence."""
    return str(labels.GATE_RULES.get(rule, ""))


@register.simple_tag
def drift_words(line: QuotaLine) -> str:
    """How our count differs from Zalo's."""
    if not line.drift:
        return ""
    facts = {"ours": grouped(line.used), "theirs": grouped(line.used - line.drift)}
    return gettext("Ta đếm %(ours)s, Zalo đếm %(theirs)s. Con số chặt hơn được áp dụng.") % facts


@register.simple_tag
def template_status(template: MessageTemplate) -> str:
    """Zalo's status of a template in words."""
    return str(labels.TEMPLATE_STATUSES.get(template.status, template.status))


@register.simple_tag
def blocked_words(account: OfficialAccount) -> str:
    """Why an account may not send, and what a person does about it."""
    why = "secret_wrong" if secret_is_wrong(account) else account.blocked_reason
    return str(labels.BLOCKED.get(why, why))


@register.filter
def secret_is_wrong(account: OfficialAccount) -> bool:
    """Whether Zalo named the app's secret as what stopped the account."""
    return account.blocked_reason == GRANT_BROKEN and refused_for(account.blocked_facts.get("code")) == "app_secret"
