"""The Celery application. Tasks are doorbells: a lost one costs a moment, never a message."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp.settings")

TRANSPORT_ALIASES["safefs"] = "cdp.broker:Transport"

app = Celery("cdp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
