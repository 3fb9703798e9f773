"""How pages print where an account stands with Zalo."""

from __future__ import annotations

from typing import Any

from django import template

from campaigns.standing import words
from integrations.base import Brake, Tag
from integrations.models import MessageTemplate
from integrations.zalo.forecast import Idle

register = template.Library()
register.filter("quota_name", words.quota_name)
register.filter("formula", words.formula)


@register.filter
def quality_name(quality: str) -> str:
    """Zalo's quality in words; one that we do not know as it is."""
    return str(words.QUALITIES.get(quality, quality))


@register.filter
def quality_tone(quality: str) -> str:
    """The colour family of a quality."""
    return words.QUALITY_TONES.get(quality, "mute")


@register.filter
def brake_name(brake: int) -> str:
    """A brake in two or three words."""
    return str(words.BRAKES[Brake(brake)])


@register.filter
def brake_words(brake: int) -> str:
    """What a brake holds back."""
    return str(words.BRAKE_SENTENCES[Brake(brake)])


@register.filter
def brake_tone(brake: int) -> str:
    """The colour family of a brake."""
    return words.BRAKE_TONES[Brake(brake)]


@register.filter
def held_name(found: MessageTemplate) -> str:
    """A template's own brake in two or three words."""
    return str(words.TEMPLATE_BRAKES[Brake(found.brake)])


@register.filter
def held_words(found: MessageTemplate) -> str:
    """What a template's own brake does, and until when."""
    return words.template_brake(Tag(found.tag), Brake(found.brake), found.quality)


@register.filter
def why_idle(why: Any) -> str:
    """Why a step that exists sends nothing."""
    return str(words.IDLE[Idle(why)])
