"""How pages print what Zalo says of templates."""

from __future__ import annotations

from django import template
from django.utils.translation import ngettext

from campaigns import zalo_words
from integrations.zalo.contract import ParamProblem
from integrations.zalo.lint import Finding

register = template.Library()
register.filter(zalo_words.rules_name)


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
