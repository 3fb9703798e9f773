"""Wiring: settings, URLs, Celery, health, commands. Nothing imports this package but the processes themselves."""

from cdp.celery import app as celery_app

__all__ = ["celery_app"]
