"""What must hold before the system may start, each with what to do about it: `python manage.py check`."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.http.request import validate_host

from campaigns.recheck import slowest_chunk
from cdp.env import env

LOCAL = {"localhost", "127.0.0.1", "::1", "testserver"}
SECRETS = ("SECRET_KEY", "CDP_FIELD_KEYS")


@register
def installation(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """Every check of this file."""
    return [message for check in CHECKS for message in check()]


def secrets_are_shared() -> Iterator[CheckMessage]:
    """Several machines on one database must sign and decrypt with one secret; one made on each would differ."""
    alone = on_sqlite() or settings.CDP_SANDBOX
    for name in SECRETS:
        if not alone and not env.str(name, default=""):
            hint = f"Put {name} into .env; .env.example says how to make one. Every machine needs the same value."
            yield Error(f"{name} is not in the environment, and the database is not SQLite.", hint=hint, id="cdp.E001")


def field_keys_are_keys() -> Iterator[CheckMessage]:
    """A mistyped key would be found by the first clinic that saves a token."""
    for number, key in enumerate(settings.CDP_FIELD_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            hint = "Each key, between commas, is what cryptography.fernet.Fernet.generate_key() prints."
            yield Error(f"Key {number} of CDP_FIELD_KEYS is not a Fernet key.", hint=hint, id="cdp.E002")


def sandbox_is_private() -> Iterator[CheckMessage]:
    """The sandbox answers anyone as Zalo would and moves the clock."""
    if settings.CDP_SANDBOX and public().scheme == "https":
        hint = "Unset CDP_SANDBOX, or serve the practice system on http://localhost."
        yield Error("The sandbox is on while PUBLIC_URL is https.", hint=hint, id="cdp.E003")


def public_url_is_https() -> Iterator[CheckMessage]:
    """Sheets post patients' names and phones to this address."""
    real = not on_sqlite() and not settings.DEBUG
    if real and public().scheme != "https" and public().hostname not in LOCAL:
        hint = "Put TLS in front of the web process and set PUBLIC_URL to the https address."
        yield Error(f"PUBLIC_URL {settings.PUBLIC_URL} is not https.", hint=hint, id="cdp.E004")


def public_host_is_allowed() -> Iterator[CheckMessage]:
    """Django answers 400 to a host it was not told of: every page and every webhook would fail."""
    if not validate_host(public().hostname or "", settings.ALLOWED_HOSTS):
        hint = f"Add {public().hostname} to ALLOWED_HOSTS."
        yield Error("ALLOWED_HOSTS does not hold the host of PUBLIC_URL.", hint=hint, id="cdp.E005")


def lease_outlives_a_call() -> Iterator[CheckMessage]:
    """A lease that ends while the call is in flight would mark a message unconfirmed that is being sent.

    Under one lease a sending thread makes two calls (campaigns.recheck.CHUNK_PER_THREAD), and both once more after a
    token that had to be refreshed in between.
    """
    slowest = slowest_chunk().total_seconds()
    if slowest >= settings.LEASE_S:
        hint = (
            f"Set LEASE_S well above {slowest:g}, five times the sum of HTTP_CONNECT_TIMEOUT_S and HTTP_READ_TIMEOUT_S."
        )
        yield Error(f"LEASE_S {settings.LEASE_S} ends before a slow call does.", hint=hint, id="cdp.E006")


def time_zone_is_on() -> Iterator[CheckMessage]:
    """Every moment in the tables is UTC; naive times would send at the wrong hour."""
    if not settings.USE_TZ or settings.CELERY_TIMEZONE != settings.TIME_ZONE:
        hint = "Keep USE_TZ on and CELERY_TIMEZONE equal to TIME_ZONE."
        yield Error("Django and Celery must live in one time zone, with USE_TZ.", hint=hint, id="cdp.E007")


def bells_reach_every_machine() -> Iterator[CheckMessage]:
    """The embedded broker is a folder: it rings on this machine alone."""
    if not on_sqlite() and settings.CELERY_BROKER_URL.startswith("safefs"):
        hint = "Set CELERY_BROKER_URL=redis://… unless web, worker and beat all run on this machine."
        yield Warning("The embedded broker serves one machine only.", hint=hint, id="cdp.W001")


def proxy_is_believed() -> Iterator[CheckMessage]:
    """Without the header Django takes https for http and refuses its own forms as forgeries."""
    if public().scheme == "https" and settings.SECURE_PROXY_SSL_HEADER is None:
        hint = "Set BEHIND_PROXY=true if a proxy ends TLS and sets X-Forwarded-Proto itself."
        yield Warning("PUBLIC_URL is https but no proxy header is trusted.", hint=hint, id="cdp.W002")


def debug_is_off() -> Iterator[CheckMessage]:
    """A debug page shows settings and rows to whoever caused the error."""
    if settings.DEBUG and public().hostname not in LOCAL:
        yield Warning("DEBUG is on at a public address.", hint="Unset DEBUG.", id="cdp.W003")


CHECKS = (
    secrets_are_shared,
    field_keys_are_keys,
    sandbox_is_private,
    public_url_is_https,
    public_host_is_allowed,
    lease_outlives_a_call,
    time_zone_is_on,
    bells_reach_every_machine,
    proxy_is_believed,
    debug_is_off,
)


def on_sqlite() -> bool:
    """Whether this is an embedded install."""
    return str(settings.DATABASES["default"]["ENGINE"]).endswith("sqlite3")


def public() -> Any:
    """PUBLIC_URL in its parts."""
    return urlsplit(settings.PUBLIC_URL)
