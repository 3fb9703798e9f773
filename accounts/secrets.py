"""A text column that is encrypted at rest, and marks by which a text is known again that is kept nowhere."""

import hmac
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CDP_FIELD_KEYS])


def sealed(secret: str) -> str:
    """The text encrypted with the first key of CDP_FIELD_KEYS, for places that are no SecretField; empty stays empty."""
    return _keys().encrypt(secret.encode()).decode() if secret else ""


def opened(seal: str) -> str:
    """What `sealed` was given. Raises cryptography's InvalidToken for what it never made."""
    return _keys().decrypt(seal.encode()).decode() if seal else ""


def marks(text: str) -> list[str]:
    """64 hex digits of the text under each key of CDP_FIELD_KEYS, the newest first: store the first, look for all.

    A key that was taken out of CDP_FIELD_KEYS no longer knows what was marked with it.
    """
    return [hmac.digest(key.encode(), text.encode(), "sha256").hex() for key in settings.CDP_FIELD_KEYS]


class SecretField(models.TextField):  # type: ignore[type-arg]  # only the stubs are generic
    """Text encrypted with the first key of CDP_FIELD_KEYS and readable with any of them, so keys can be rotated."""

    def get_prep_value(self, value: Any) -> Any:
        return sealed(value)

    def from_db_value(self, value: str | None, *_: object) -> str:
        return opened(value or "")


def masked(secret: str) -> str:
    """What a page may show of a secret: enough to recognise it, nothing to use."""
    return f"••••{secret[-4:]}" if len(secret) > 8 else "••••"
