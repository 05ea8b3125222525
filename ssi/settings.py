"""Every setting of the portal, read from the environment, which is refused where it makes no sense.

Nothing here starts or connects to anything. `ssi.embedded` fills DATABASE_URL, REDIS_URL, SSI_SECRET_KEY,
SSI_CODE_KEYS and SSI_RECEIPT_KEY for a copy that runs on its own; a deployment sets them itself.
"""

import logging
from datetime import time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from ssi.logs import structured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str, hint: str) -> str:
    """Return an environment variable that the portal cannot run without, or refuse with the way out."""
    value = str(env.str(name, default=""))
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    return value


def contents_of(name: str) -> str:
    """Return what the file `name` holds, nothing if none is named; refuse one that cannot be read."""
    try:
        return Path(name).read_text("utf-8").strip() if name else ""
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ImproperlyConfigured(f"{name} cannot be read: {unreadable.__class__.__name__}.") from None


def whole(name: str, default: int, *, at_least: int = 0) -> int:
    """Return a whole number, or refuse what is none or less than `at_least`."""
    given = str(env.str(name, default=str(default))).strip()
    if not given.isascii() or not given.isdigit() or int(given) < at_least:
        raise ImproperlyConfigured(f"{name} is {given!r}. Give a whole number from {at_least}, such as {default}.")
    return int(given)


# --- Where this copy lives ---------------------------------------------------------------------------------

SSI_DATA_DIR = Path(env.str("SSI_DATA_DIR", default=str(BASE_DIR / ".ssi"))).resolve()
SSI_PORT: int = env.int("SSI_PORT", default=8000)
SSI_DEMO: bool = env.bool("SSI_DEMO", default=True)
SSI_BASE_URL: str = env.str("SSI_BASE_URL", default=f"http://127.0.0.1:{SSI_PORT}").rstrip("/")

_base = urlsplit(SSI_BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname:
    raise ImproperlyConfigured(
        f"SSI_BASE_URL is {SSI_BASE_URL!r}. Give the address people type, such as https://ssi.example."
    )
if SSI_DEMO and _base.hostname not in {"127.0.0.1", "localhost", "::1"}:
    raise ImproperlyConfigured(
        "SSI_DEMO is on while SSI_BASE_URL is public, and the demo's passwords are published. Set SSI_DEMO=0."
    )
HTTPS = _base.scheme == "https"
SSI_MESSAGE_ID_DOMAIN = (  # RFC 5322 3.6.4: a name of ours, or an address in brackets
    f"[IPv6:{_base.hostname}]" if ":" in _base.hostname else _base.hostname.encode("idna").decode("ascii")
)

# --- Django ------------------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = required("SSI_SECRET_KEY", "Run `make run`, which makes one, or set 50 random characters.")
ALLOWED_HOSTS = [_base.hostname, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SSI_BASE_URL]
ROOT_URLCONF = "ssi.urls"
WSGI_APPLICATION = "ssi.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

INSTALLED_APPS = [
    "ssi.web",
    "ssi.accounts",
    "ssi.calendar",
    "ssi.audit",
    "ssi.notifications",
    "ssi.uploads",
    "inventory",
    "incidents",
    "ssi.web.admin_site.SsiAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_fsm",
    "django_htmx",
    "django_structlog",
    "ninja",
    "pgtrigger",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ssi.web.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ssi.accounts.middleware.ActorMiddleware",
    "ssi.web.middleware.ClosedByDefaultMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ssi.web.context.portal",
                "ssi.uploads.context.disaster_recovery",
            ],
            "builtins": ["ssi.web.templatetags.ssi"],
        },
    }
]

# --- What it stands on -------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///ssi")}
if "postgresql" not in DATABASES["default"]["ENGINE"]:
    raise ImproperlyConfigured(
        "DATABASE_URL must name a PostgreSQL database: the portal relies on what only it has."
    )
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES["default"].setdefault("OPTIONS", {})
if env.bool("SSI_PREPARED_STATEMENTS", default=True):  # not behind a pgbouncer before 1.21 in transaction mode
    DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 2)  # see ssi/prepared.py
SSI_REPLICA_MOST_LAG_SECONDS = whole("SSI_REPLICA_MOST_LAG_SECONDS", 5, at_least=1)
if env.str("SSI_REPLICA_URL", default=""):  # see ssi/routing.py
    DATABASES["replica"] = DATABASES["default"] | {"OPTIONS": {}} | env.db_url("SSI_REPLICA_URL")
    of_both = {name: each for name, each in DATABASES["default"]["OPTIONS"].items() if name == "prepare_threshold"}
    in_time = {"connect_timeout": 2, "tcp_user_timeout": 5_000}  # one that is away holds no page up
    DATABASES["replica"]["OPTIONS"] = of_both | in_time | DATABASES["replica"]["OPTIONS"]
    DATABASE_ROUTERS = ["ssi.routing.ReplicaRouter"]
    MIDDLEWARE.append("ssi.routing.ReplicaMiddleware")
for _database in DATABASES.values():
    _database["ENGINE"] = "ssi.postgresql"

REDIS_URL: str = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

# Rate limits live in PostgreSQL: a flushed or dead broker must not stop anyone from signing in.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "ssi_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # the usual 300 would let others' sign-ins push a counter out
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_PUBLISH_RETRY = False  # the outbox row is the truth; a dead broker must not hold a web request
CELERY_TIMEZONE = "Europe/London"

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "ssi.notifications.backends.EmlFileBackend"
EMAIL_TIMEOUT: int = env.int("SSI_EMAIL_TIMEOUT", default=20)  # seconds
EMAIL_FILE_PATH = SSI_DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("SSI_FROM_EMAIL", default="Self-Service Interface <no-reply@ssi.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
try:  # when people's summaries of the Working Day are written
    SSI_DIGEST_AT = time.fromisoformat(env.str("SSI_DIGEST_AT", default="08:30")).replace(tzinfo=None)
except ValueError as no_time:
    raise ImproperlyConfigured("SSI_DIGEST_AT is no time of day. Write it like 08:30; London time.") from no_time

# --- People and sessions -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["ssi.accounts.backends.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_ADAPTER = "ssi.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# A whole office may sign in from one address at nine o'clock; guessing at one account ends after five tries.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("SSI_TRUSTED_PROXIES", default=0)  # else every caller is the proxy
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds after a sign-in or re-authentication in which secrets may be read

SESSION_ENGINE = "ssi.accounts.session_store"
SESSION_COOKIE_AGE = int(timedelta(hours=1).total_seconds())  # an hour without a click ends the session
SSI_SESSION_LIMIT = timedelta(hours=12)  # and a working day ends every session
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Two copies on one machine share 127.0.0.1, and cookies know no port.
SESSION_COOKIE_NAME = f"ssi_session_{SSI_PORT}"
CSRF_COOKIE_NAME = f"ssi_csrf_{SSI_PORT}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Other hosts of the domain, and browsers' preload lists, are for the domain's owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CSRF_FAILURE_VIEW = "ssi.web.errors.csrf_failure"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Sealed install codes ----------------------------------------------------------------------------------

# key id:base64 of 32 bytes, comma separated, newest first; the first seals, all open. A file is reread on change.
SSI_CODE_KEYS_FILE: str = env.str("SSI_CODE_KEYS_FILE", default="")
SSI_CODE_KEYS = contents_of(SSI_CODE_KEYS_FILE) or required(
    "SSI_CODE_KEYS", "Run `make run`, which makes one, or set `k1:<base64 of 32 random bytes>`."
)

# --- Rules that are configuration (domain: "Numbers to keep as configuration") -------------------------------

SSI_INSTALL_CODE_RESPONSE_WORKING_DAYS: int = env.int("SSI_INSTALL_CODE_RESPONSE_WORKING_DAYS", default=5)
SSI_CODES_KEPT_HOURS: int = env.int("SSI_CODES_KEPT_HOURS", default=24)  # after closing; 0: not at all
if SSI_CODES_KEPT_HOURS < 0:
    raise ImproperlyConfigured("SSI_CODES_KEPT_HOURS is negative. Give hours, or 0 to erase codes on closing.")
SSI_REVEALS_ALLOWED: int = env.int("SSI_REVEALS_ALLOWED", default=5)  # of one code, until the desk unlocks it
if not 1 <= SSI_REVEALS_ALLOWED <= 1_000:  # noqa: PLR2004 - more is no limit
    raise ImproperlyConfigured("SSI_REVEALS_ALLOWED is how often a code may be read: give 1 to 1000.")
SSI_REQUESTS_PER_PARTY_AND_DAY = whole("SSI_REQUESTS_PER_PARTY_AND_DAY", 100_000)  # 0: nobody raises any
SSI_RESPONSIBILITY_CHECKED_DAYS = whole("SSI_RESPONSIBILITY_CHECKED_DAYS", 90, at_least=1)  # after raising
SSI_RESPONSIBILITY_AGREED_DAYS = whole("SSI_RESPONSIBILITY_AGREED_DAYS", 30)  # from raising to becoming supplier
SSI_ASKED_ALERT_DAYS = whole("SSI_ASKED_ALERT_DAYS", 30, at_least=1)  # over which asking is held against gaining
SSI_ASKED_ALERT_AT_LEAST = whole("SSI_ASKED_ALERT_AT_LEAST", 50)  # so many asked for alert nobody
SSI_ASKED_ALERT_TIMES = whole("SSI_ASKED_ALERT_TIMES", 2, at_least=1)  # so many times the gains alert nobody
SSI_ESCROW_KEPT_DAYS: int = env.int("SSI_ESCROW_KEPT_DAYS", default=730)  # then deposited codes are erased
if SSI_ESCROW_KEPT_DAYS < 1:
    raise ImproperlyConfigured("SSI_ESCROW_KEPT_DAYS is less than a day. Give a number of days, such as 730.")
# Modifications of the SEC, each a switch; off, the rules from before it hold.
MP125: bool = env.bool("MP125", default=True)  # the Responsible Supplier corrects the ESME Variant
MP202: bool = env.bool("MP202", default=True)  # products are told apart by SMETS version; a PPMID follows its hub
MP077_ELECTRICITY: bool = env.bool("MP077_ELECTRICITY", default=True)  # the MPAS are told N, not A alone
MP077_GAS: bool = env.bool("MP077_GAS", default=True)  # Xoserve is told N, not A alone
MP105: bool = env.bool("MP105", default=True)  # SR 11.2 passes while Suspended, and its response restores
MP106: bool = env.bool("MP106", default=True)  # a blank WAN variant reads "Unknown"
SSI_DUIS_TRUST: str = env.str("SSI_DUIS_TRUST", default="")  # a folder of PEM certificates; empty: not verified
SSI_DUIS_COUNTER_RISES: bool = env.bool("SSI_DUIS_COUNTER_RISES", default=False)  # refuse RequestIDs out of order
SSI_AUDIT_TRAIL_MONTHS = whole("SSI_AUDIT_TRAIL_MONTHS", 4, at_least=4)  # three whole ones and the running one
SSI_REMOVED_DEVICES_KEPT_DAYS = whole("SSI_REMOVED_DEVICES_KEPT_DAYS", 365, at_least=124)  # its N8 is in the trail
# Signed files: thresholds and Exit Quarantine. The trust folder holds authorities (*.pem) and their lists (*.crl).
SSI_FILE_TRUST: str = env.str("SSI_FILE_TRUST", default=str(SSI_DATA_DIR / "file-trust"))
SSI_RECEIPT_KEY = contents_of(env.str("SSI_RECEIPT_KEY_FILE", default="")) or env.str(
    "SSI_RECEIPT_KEY", default=""
)
SSI_CLAMD: str = env.str("SSI_CLAMD", default="")  # tcp://host:3310 or unix:/path; empty: files are not scanned
if SSI_CLAMD and not SSI_CLAMD.startswith(("tcp://", "unix:/")):
    raise ImproperlyConfigured(f"SSI_CLAMD is {SSI_CLAMD!r}. Give tcp://host:3310 or unix:/path/of/socket.")
SSI_UPLOAD_MOST_BYTES = whole("SSI_UPLOAD_MOST_MB", 100, at_least=1) * 1_000_000
SSI_UPLOAD_MOST_BYTES_A_DAY = whole("SSI_UPLOAD_MOST_MB_A_DAY", 2_000, at_least=1) * 1_000_000  # for each User ID
SSI_UPLOAD_MOST_LINES = whole("SSI_UPLOAD_MOST_LINES", 1_000_000, at_least=1)
SSI_ADT_SECOND_OFFICER_PERCENT = whole("SSI_ADT_SECOND_OFFICER_PERCENT", 20)  # rises beyond need a second officer
SSI_ADT_SECOND_OFFICER_DAYS = whole("SSI_ADT_SECOND_OFFICER_DAYS", 30)  # small steps within them count together
SSI_ADT_FORECAST_TIMES = whole("SSI_ADT_FORECAST_TIMES", 5, at_least=1)  # above so many times the forecast: W50
SSI_UPLOAD_CONFIRM_WORKING_DAYS = whole("SSI_UPLOAD_CONFIRM_WORKING_DAYS", 1, at_least=1)
SSI_QUARANTINE_DECISION_HOURS = whole("SSI_QUARANTINE_DECISION_HOURS", 24, at_least=1)  # after the alert
SSI_DUIS_LARGEST_MESSAGE: int = env.int("SSI_DUIS_LARGEST_MESSAGE", default=16 * 1024 * 1024)  # bytes
SSI_API_CALLS_PER_MINUTE: int = env.int(
    "SSI_API_CALLS_PER_MINUTE", default=6_000
)  # a person, a process; 0: no limit
SSI_HIGHEST_COUNT = 10_000  # lists say "more than 10,000" instead of counting a large table

# --- Language, time, static files, logs --------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "ssi.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/London"

STATIC_URL = "/static/"
STATIC_ROOT = SSI_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "uploads": {"BACKEND": "ssi.uploads.storage.PrivateFiles"},  # the bytes of signed files, in MEDIA_ROOT
}
MEDIA_ROOT = SSI_DATA_DIR / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["ssi.web.uploading.StreamingUploadHandler", "ssi.web.in_memory.InMemoryUploadHandler"]

LOG_FORMAT: str = env.str("SSI_LOG_FORMAT", default="text")
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured(f"SSI_LOG_FORMAT is {LOG_FORMAT!r}. Set `text` or `json`.")
LOGGING = structured(env.str("SSI_LOG_LEVEL", default="INFO"), LOG_FORMAT)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request, when it is answered
