"""The suite's settings: the real ones, on a throw-away home, sending in the calling thread."""

import os
import tempfile

os.environ["CDP_HOME"] = tempfile.mkdtemp(prefix="cdp-tests-")
os.environ["CDP_SANDBOX"] = "1"
os.environ["PUBLIC_URL"] = "http://testserver"
os.environ["SEND_CONCURRENCY"] = "1"
os.environ.setdefault("LOG_LEVEL", "ERROR")

from cdp.settings import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
