"""How pages print what Zalo says of templates."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from accounts.models import Membership
from campaigns import zalo_words
from campaigns.previews import Piece
from cdp.contacts import veil
from integrations.zalo.contract import ParamProblem
from integrations.zalo.lint import Finding

register = template.Library()
register.filter(zalo_words.rules_name)


@register.filter
def joined(pieces: Iterable[Piece], membership: Membership | None) -> SafeString:
    """A line of a preview, its parameters marked: here, as a template would put a line break between two pieces."""
    return format_html_join("", "{}", ((_marked(piece, membership),) for piece in pieces))


def _marked(piece: Piece, membership: Membership | None) -> str:
    if not piece.is_param:
        return piece.text
    html = '<mark class="missing">{}</mark>' if piece.is_missing else "<mark>{}</mark>"
    return format_html(html, veil(piece.text, membership))


@register.filter
def advice(finding: Finding) -> str:
    """What to do about a wording."""
    return str(zalo_words.LINT[finding.code])


@register.filter
def param_words(problem: ParamProblem) -> str:
    """What is wrong with a parameter, to follow its name."""
    return zalo_words.param_problem(problem)


@register.filter
def lasting(milliseconds: int) -> str:
    """15 giây; 2 giờ."""
    seconds = milliseconds // 1000
    if seconds < 60:
        return ngettext("%(n)s giây", "%(n)s giây", seconds) % {"n": seconds}
    if seconds < 3600:
        return ngettext("%(n)s phút", "%(n)s phút", seconds // 60) % {"n": seconds // 60}
    return ngettext("%(n)s giờ", "%(n)s giờ", seconds // 3600) % {"n": seconds // 3600}
