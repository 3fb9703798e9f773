"""The wiring as an app: it has no tables, only checks and commands."""

from django.apps import AppConfig


class CdpConfig(AppConfig):
    name = "cdp"

    def ready(self) -> None:
        from cdp import checks  # noqa: F401  # importing registers them
