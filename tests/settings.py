"""The suite's settings: the real ones, on a throw-away home, sending in the calling thread."""

import atexit
import os
import shutil
import tempfile

# Each process its own: no two workers of pytest-xdist share a clock, a secret or a queue.
os.environ["CDP_HOME"] = tempfile.mkdtemp(prefix="cdp-tests-")
os.environ["CDP_SANDBOX"] = "1"
os.environ["PUBLIC_URL"] = "http://testserver"
os.environ["SEND_CONCURRENCY"] = "1"
os.environ.setdefault("LOG_LEVEL", "ERROR")

from cdp.settings import *  # noqa: F403

atexit.register(shutil.rmtree, os.environ["CDP_HOME"], ignore_errors=True)

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
# The real setting lists every static file anew for each browser of a test.
WHITENOISE_AUTOREFRESH = True
# Several people may test on one PostgreSQL server, each in a database of that name.
if (_name := os.environ.get("CDP_TEST_DB")) and not DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": _name}  # noqa: F405
