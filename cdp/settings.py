"""One settings file. Every knob is an environment variable named in `.env.example`."""

from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from cdp.env import BASE_DIR, HOME, env, kept_secret

CDP_HOME = HOME
SECRET_KEY = kept_secret("SECRET_KEY")
CDP_FIELD_KEYS = kept_secret("CDP_FIELD_KEYS", fernet=True).split(",")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CDP_SANDBOX = env.bool("CDP_SANDBOX", default=False)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "django_htmx",
    "axes",
    "csp",
    "ninja",  # for the files of its API pages, which are ours to serve
    "cdp",
    "accounts",
    "integrations",
    "datahub",
    "campaigns",
    "sandbox",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cdp.language.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "cdp.urls"
WSGI_APPLICATION = "cdp.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cdp.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# --- databases ---------------------------------------------------------------
# FULL: a commit that a power cut takes back could be the intent of a message that has left, and would leave again.
# IMMEDIATE: a deferred SQLite transaction that later writes fails with "database is locked" whatever the timeout.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;",
}


def _database(variable: str, default: str) -> dict[str, Any]:
    config: dict[str, Any] = env.db_url(variable, default=f"sqlite:///{HOME / default}")
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = SQLITE_OPTIONS
        config["CONN_MAX_AGE"] = None
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASES = {
    "default": _database("DATABASE_URL", "cdp.sqlite3"),
    # The sandbox plays Zalo: it keeps its own books where our queries cannot reach them.
    "sandbox": _database("SANDBOX_DATABASE_URL", "sandbox.sqlite3"),
}
DATABASE_ROUTERS = ["sandbox.router.SandboxRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "campaigns:overview"
LOGOUT_REDIRECT_URL = "accounts:login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_VERBOSE = False

# --- language and time -------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_THOUSAND_SEPARATOR = True

# --- pages -------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_100_000

# --- the outside world -------------------------------------------------------
_zalo = f"{PUBLIC_URL}/sandbox/zalo" if CDP_SANDBOX else ""
ZALO_OAUTH_BASE = env.str("ZALO_OAUTH_BASE", default=f"{_zalo}/oauth" if _zalo else "https://oauth.zaloapp.com")
ZALO_BUSINESS_BASE = env.str(
    "ZALO_BUSINESS_BASE", default=f"{_zalo}/business" if _zalo else "https://business.openapi.zalo.me"
)
ZALO_OPENAPI_BASE = env.str("ZALO_OPENAPI_BASE", default=f"{_zalo}/openapi" if _zalo else "https://openapi.zalo.me")
# Zalo's own code signs with the app's id; some describe the account's id in its place.
ZALO_WEBHOOK_ACCEPTS_OA_ID = env.bool("ZALO_WEBHOOK_ACCEPTS_OA_ID", default=False)
ESMS_BASE = env.str("ESMS_BASE", default=f"{PUBLIC_URL}/sandbox/esms" if CDP_SANDBOX else "https://rest.esms.vn")
_google = f"{PUBLIC_URL}/sandbox/google" if CDP_SANDBOX else ""
SHEETS_API_BASE = env.str(
    "SHEETS_API_BASE", default=f"{_google}/sheets" if _google else "https://sheets.googleapis.com"
)
# Never the key file's own: whoever pastes one must not choose where we post.
GOOGLE_TOKEN_URI = env.str(
    "GOOGLE_TOKEN_URI", default=f"{_google}/oauth/token" if _google else "https://oauth2.googleapis.com/token"
)
HTTP_CONNECT_TIMEOUT_S = env.float("HTTP_CONNECT_TIMEOUT_S", default=3.0)
HTTP_READ_TIMEOUT_S = env.float("HTTP_READ_TIMEOUT_S", default=20.0)

# --- the engine --------------------------------------------------------------
SEND_CONCURRENCY = env.int("SEND_CONCURRENCY", default=32)
# Three whole chunks of 2 x 32: a batch that leaves a small rest waits a whole answer for it.
DISPATCH_BATCH = env.int("DISPATCH_BATCH", default=192)
LEASE_S = env.int("LEASE_S", default=120)
TICK_BUDGET_S = env.int("TICK_BUDGET_S", default=20)
BATCHES_KEPT_DAYS = env.int("BATCHES_KEPT_DAYS", default=30)
EVENTS_KEPT_DAYS = env.int("EVENTS_KEPT_DAYS", default=90)
# How long a phone that Zalo does not know is not tried there again: people do join.
NOT_ON_ZALO_DAYS = env.int("NOT_ON_ZALO_DAYS", default=30)

# --- Celery: it only rings bells; every due time lives in our tables ----------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="safefs://localhost/")
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(HOME / "broker" / "queue"),
        "data_folder_out": str(HOME / "broker" / "queue"),
        "control_folder": str(HOME / "broker" / "control"),
        "polling_interval": 0.05,
    }
    if CELERY_BROKER_URL.startswith("safefs")
    else {"socket_connect_timeout": 0.5, "socket_timeout": 2}
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Each log-in is three lines of it, and none of them is ours.
    "loggers": {"axes": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
