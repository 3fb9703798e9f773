"""A service account's key file, as Google's console hands it out once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from google.oauth2.service_account import Credentials

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
LONGEST = 20_000
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,130}")


@dataclass(frozen=True)
class KeyFile:
    """One that can sign. `text` is the secret as pasted; a sheet is shared with `client_email`."""

    client_email: str
    text: str = field(repr=False)


def read_key(text: str) -> KeyFile | None:
    """The key file that `text` is, or None if it is none, or its private key cannot be read."""
    if len(text) > LONGEST:
        return None
    try:
        made = credentials_of(text.strip())
        made.sign_bytes(b"?")  # a key of another kind than RSA is read, and fails only here
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, UnsupportedAlgorithm):
        return None
    return KeyFile(made.service_account_email, text.strip())


@lru_cache(maxsize=200)
def credentials_of(text: str) -> Credentials:
    """What signs for this account, kept with its token for the life of the process. Raises ValueError and its kin."""
    info = json.loads(text)
    if info.get("type") != "service_account" or not _EMAIL.fullmatch(info["client_email"]):
        raise ValueError("no service account")
    # Whoever pastes a file must not choose where we post.
    wanted = {
        name: info[name] for name in ("client_email", "private_key", "private_key_id", "project_id") if name in info
    }
    made: Credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        wanted | {"token_uri": settings.GOOGLE_TOKEN_URI}, scopes=SCOPES
    )
    return made
