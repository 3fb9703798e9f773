"""Keeps the sandbox's books in its own database, as Zalo keeps its own."""

from typing import Any


class SandboxRouter:
    """Sends the models of the app `sandbox` to the database `sandbox`, and everything else to `default`."""

    def db_for_read(self, model: type, **hints: Any) -> str | None:
        return "sandbox" if model._meta.app_label == "sandbox" else None  # type: ignore[attr-defined]

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == "sandbox") == (app_label == "sandbox")
