"""The one settings file: the environment is read here, once, and fails loudly."""

import logging
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF  # noqa: F401
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import logs, postgres

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()

# Production mode: no demo accounts, secrets required, HTTPS assumed.
PRODUCTION = env.bool("PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)
DEMO = not PRODUCTION and env.bool("DEMO", default=True)


def secret(name: str, development: str) -> str:
    """Read a secret, or its development value where that is allowed."""
    value = env.str(name, default="")
    if not value and PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production")
    return value or development


SECRET_KEY = secret("SECRET_KEY", "development-only-secret-key-development-only-secret-key")
# Keys for personal data, newest first, comma separated; each any long random text.
FIELD_KEYS = [key.strip() for key in secret("FIELD_KEYS", "development-only-field-key").split(",") if key.strip()]
INDEX_KEY = secret("INDEX_KEY", "development-only-index-key")
# Under these the case passes were issued that are still about: their codes are kept nowhere.
OLD_INDEX_KEYS = [key.strip() for key in env.list("OLD_INDEX_KEYS", default=[]) if key.strip()]

# Where the web process listens, how many threads answer, whom it believes about the visitor's address.
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
WEB_THREADS = env.int("WEB_THREADS", default=8)
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1"])

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logs.configuration(machine=PRODUCTION, level=LOG_LEVEL)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver", HOST])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "config.apps.Wiring",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.apps.StaticFiles",
    "django.contrib.postgres",
    "django.forms",
    "accounts",
    "calendars",
    "audit",
    "documents",
    "notifications",
    "members",
    "cases",
    "mediation",
    "reports",
    "workflows",
    "charts",
    "demo",
    "web",
    "live",
    "viewflow.workflow",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "django_htmx",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "web.frame.incoming.CleanAddress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "web.frame.incoming.CleanForm",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.entrance.signed_out.SignedOutMiddleware",
    "accounts.middleware.OwnPasswordMiddleware",
    "accounts.middleware.EnrolTotpMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.logs.RequestLog",
    "web.frame.taking.TakingMiddleware",
    "web.frame.missing_files.MissingFiles",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
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
                "web.frame.context.site",
            ],
        },
    },
]

# A PostgreSQL server (15 or newer), or else the embedded one that `bin/run` starts.
DATABASES = {"default": env.db_url("DATABASE_URL", default=postgres.url(DATA_DIR / "postgres"))}
DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 10)
DESK_MENU = "web.urls.MENU"  # like ROOT_URLCONF: where the lines of the desks' menus are written
FORM_RENDERER = "web.frame.forms_renderer.Renderer"
# Whoever waits for a locked row waits this long, then gets a clear answer.
LOCK_TIMEOUT = env.str("LOCK_TIMEOUT", default="10s")
DATABASES["default"].setdefault("OPTIONS", {})["options"] = f"-c lock_timeout={LOCK_TIMEOUT}"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.NotTheGivenPassword"},
]

# Sign-in: staff by username and password (then TOTP if switched on), residents by phone code (web.entrance.sign_in).
LOGIN_URL = "sign_in"  # chooses between the two (web.entrance.signed_out)
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "调处"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Shared by all processes, because sign-in tries and used TOTP codes are counted in it.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Of this release, not of the data: a second machine with a DATA_DIR of its own finds them too.
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))).resolve()
STATIC_IGNORED = ["CVS", ".*", "*~", "viewflow/*", "viewflow"]
EVIDENCE_ROOT = DATA_DIR / "evidence"
STORAGES = {
    "default": {"BACKEND": "config.storage.EvidenceStorage", "OPTIONS": {"location": str(EVIDENCE_ROOT)}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# Strict: nothing from elsewhere, nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
CSRF_FAILURE_VIEW = "web.frame.taking.csrf_failed"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if PRODUCTION else 0)
# Whether every subdomain is https, now and for years, is for the owner of the domain to promise at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Files handed in as evidence.
EVIDENCE_MAX_BYTES = env.int("EVIDENCE_MAX_BYTES", default=20 * 1024 * 1024)
EVIDENCE_MAX_FILES = env.int("EVIDENCE_MAX_FILES", default=50)
# One request, whatever it carries.
REQUEST_MAX_BYTES = env.int("REQUEST_MAX_BYTES", default=5 * EVIDENCE_MAX_BYTES)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Live updates: PostgreSQL alone by default; "redis" needs the `redis` extra and REDIS_URL.
LIVE_LAYER = env.str("LIVE_LAYER", default="postgres")
REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CHANNEL_LAYERS = (
    {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
    if LIVE_LAYER == "redis"
    else {}
)

SMS_GATEWAY = env.str("SMS_GATEWAY", default="notifications.gateways.console.ConsoleGateway")

# How parties sign agreements on their own phones: docs/signing.md.
SIGNATURE_PROVIDER = env.str("SIGNATURE_PROVIDER", default="mediation.signature_providers.sms_code.SmsCode")
EMAIL_GATEWAY = env.str("EMAIL_GATEWAY", default="notifications.gateways.email.EmailGateway")
# A provider of text messages that takes one HTTP request for one message (notifications.gateways.http.HttpGateway).
SMS_HTTP_URL = env.str("SMS_HTTP_URL", default="")
SMS_HTTP_HEADERS = env.json("SMS_HTTP_HEADERS", default={})
SMS_HTTP_FORMAT = env.str("SMS_HTTP_FORMAT", default="json")
SMS_HTTP_BODY = env.json("SMS_HTTP_BODY", default={"to": "{national}", "text": "{text}", "id": "{key}"})
# Template numbers of providers that take no free text (notifications.gateways.templates).
SMS_HTTP_TEMPLATES = env.json("SMS_HTTP_TEMPLATES", default={})
SMS_HTTP_SUCCESS = env.str("SMS_HTTP_SUCCESS", default="")
SMS_HTTP_ID = env.str("SMS_HTTP_ID", default="")
SMS_HTTP_PERMANENT = env.list("SMS_HTTP_PERMANENT", default=[])
SMS_HTTP_IDEMPOTENT = env.bool("SMS_HTTP_IDEMPOTENT", default=False)
SMS_HTTP_TIMEOUT = env.int("SMS_HTTP_TIMEOUT", default=10)
# EMAIL_BACKEND, EMAIL_HOST … from one address such as smtp+tls://user:password@host:587.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="tiaochu@localhost")
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}")
HELP_PHONE = env.str("HELP_PHONE", default="")
