"""A wrong installation is told so at start, with what to do about it."""

from typing import Any

import pytest
from django.core.checks.registry import registry
from django.test import override_settings

from cdp import checks

POSTGRES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
PRODUCTION: dict[str, Any] = {
    "DATABASES": POSTGRES,
    "DEBUG": False,
    "CDP_SANDBOX": False,
    "PUBLIC_URL": "https://zns.example.vn",
    "ALLOWED_HOSTS": ["zns.example.vn"],
    "CELERY_BROKER_URL": "redis://redis:6379/0",
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}
EMBEDDED = {**PRODUCTION, "DATABASES": SQLITE, "PUBLIC_URL": "http://localhost:8000", "ALLOWED_HOSTS": ["localhost"]}
EMBEDDED |= {"CDP_SANDBOX": True, "CELERY_BROKER_URL": "safefs://", "SECURE_PROXY_SSL_HEADER": None}

WRONG = [
    ("cdp.E002", {"CDP_FIELD_KEYS": ["too-short"]}),
    ("cdp.E003", {"CDP_SANDBOX": True}),
    ("cdp.E004", {"PUBLIC_URL": "http://zns.example.vn"}),
    ("cdp.E005", {"ALLOWED_HOSTS": ["other.example.vn"]}),
    ("cdp.E006", {"LEASE_S": 23}),
    ("cdp.E007", {"USE_TZ": False}),
    ("cdp.E007", {"CELERY_TIMEZONE": "UTC"}),
    ("cdp.W001", {"CELERY_BROKER_URL": "safefs://"}),
    ("cdp.W002", {"SECURE_PROXY_SSL_HEADER": None}),
    ("cdp.W003", {"DEBUG": True}),
]
FINE: list[dict[str, Any]] = [
    {"PUBLIC_URL": "http://localhost:8000", "ALLOWED_HOSTS": ["localhost"]},
    {"ALLOWED_HOSTS": [".example.vn"]},
]


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name in checks.SECRETS:
        monkeypatch.setenv(name, "given")


@pytest.fixture
def found():
    def _found(**changes):
        with override_settings(**changes):
            return checks.installation()

    return _found


@pytest.mark.parametrize("settings", [PRODUCTION, EMBEDDED, *({**PRODUCTION, **change} for change in FINE)])
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_right_installation_is_left_in_peace(found, settings):
    assert found(**settings) == []


@pytest.mark.parametrize(("code", "change"), WRONG)
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_wrong_one_is_told_what_and_what_to_do(found, code, change):
    (message,) = found(**{**PRODUCTION, **change})
    assert message.id == code
    assert message.hint


@pytest.mark.parametrize("name", checks.SECRETS)
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_machines_that_share_a_database_share_their_secrets(found, monkeypatch, name):
    monkeypatch.delenv(name)
    (message,) = found(**PRODUCTION)
    assert (message.id, name in message.msg) == ("cdp.E001", True)
    assert found(**EMBEDDED) == []
    assert found(**{**EMBEDDED, "DATABASES": POSTGRES, "CELERY_BROKER_URL": "redis://redis:6379/0"}) == []


def test_django_runs_them():
    assert checks.installation in registry.registered_checks
