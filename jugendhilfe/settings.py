"""Settings, all from the environment. Every variable stands in docs/operations.md."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from django.utils.csp import CSP

from jugendhilfe.county import County

# Django's generic classes can be written with their types, as in forms.ModelForm[Office].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def env_flag(name: str) -> bool:
    return env(name).lower() in {"1", "true", "yes", "on"}


def env_list(name: str) -> list[str]:
    return [item.strip() for item in env(name).split(",") if item.strip()]


DEBUG = env_flag("DJANGO_DEBUG")
DEMO = env_flag("SRB_DEMO")
DATA_DIR = Path(env("SRB_DATA_DIR") or BASE_DIR / "var")
COUNTY_FILE = env("SRB_COUNTY") or (str(BASE_DIR / "fixtures" / "lueneburg.toml") if DEBUG else "")
COUNTY = County.load(Path(COUNTY_FILE)) if COUNTY_FILE else County()

# The key of a development machine protects nothing; without DEBUG an empty key stops Django at its first use.
SECRET_KEY = env("DJANGO_SECRET_KEY") or ("development-only-" + "0" * 50 if DEBUG else "")
SECRET_KEY_FALLBACKS = env_list("DJANGO_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("DJANGO_ALLOWED_HOSTS") or (["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env_list("DJANGO_CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",  # widget templates for the form renderer
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *(["allauth.socialaccount.providers.openid_connect"] if env("SRB_OIDC_ISSUER") else []),
    "guardian",
    "django_tables2",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "jugendhilfe",
    "jugendhilfe.lib",
    "jugendhilfe.accounts",
    "jugendhilfe.audit",
    "regions",
    "indicators",
    "budgets",
    "committees",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Development serves static files from where they lie.
    *([] if DEBUG else ["whitenoise.middleware.WhiteNoiseMiddleware"]),
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "jugendhilfe.middleware.SessionIdleMiddleware",
    "jugendhilfe.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "jugendhilfe.urls"
WSGI_APPLICATION = "jugendhilfe.wsgi.application"
FORM_RENDERER = "jugendhilfe.lib.forms.KernRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["jugendhilfe.lib.templatetags.formats"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jugendhilfe.context.site",
            ],
        },
    },
]


def database(url: str, role: str) -> dict[str, Any]:
    """Connection settings from a postgresql:// address; without one, the embedded server for development."""
    if not url:
        return {
            "ENGINE": "jugendhilfe.embedded_backend",
            "NAME": "sozialraumbudget",
            "USER": role,
            "EMBEDDED": DEBUG,
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASE_URL = env("DATABASE_URL")
DATABASES = {
    # The application may read and write rows; only the owner may change tables, triggers and rights.
    "default": database(DATABASE_URL, "app"),
    "owner": {**database(env("DATABASE_OWNER_URL") or DATABASE_URL, "owner"), "TEST": {"MIRROR": "default"}},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "jugendhilfe.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
# Attempts are counted by address: behind a proxy that is what the proxy says, anybody else could say anything.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("SRB_PROXIES", "0"))
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SOCIALACCOUNT_ADAPTER = "jugendhilfe.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "amt",
                    "name": env("SRB_OIDC_NAME", "Anmeldung der Verwaltung"),
                    "client_id": env("SRB_OIDC_CLIENT_ID"),
                    "secret": env("SRB_OIDC_SECRET"),
                    "settings": {"server_url": env("SRB_OIDC_ISSUER")},
                }
            ]
        }
    }
    if env("SRB_OIDC_ISSUER")
    else {}
)

# Permissions hang on rows of Region and Carrier alone; see regions/access.py.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False

LANGUAGE_CODE = "de"
TIME_ZONE = "Europe/Berlin"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "jugendhilfe" / "locale"]
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [
    BASE_DIR / "jugendhilfe" / "static",
    ("kern", BASE_DIR / "node_modules" / "@kern-ux" / "native" / "dist"),
    ("htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist"),
    ("fira-sans", BASE_DIR / "node_modules" / "@fontsource" / "fira-sans"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_HANDLERS = [
    "jugendhilfe.lib.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Rate limits must hold across processes: they live in the database. Beyond MAX_ENTRIES the cache forgets any third of
# what it holds: with the usual 300 a few hundred sign-ins would wipe out counted attempts and tables being checked.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env("SRB_SMTP_HOST"),
            "port": int(env("SRB_SMTP_PORT", "587")),
            "username": env("SRB_SMTP_USER"),
            "password": env("SRB_SMTP_PASSWORD"),
            "use_tls": env("SRB_SMTP_PORT", "587") == "587",
        },
    }
    if env("SRB_SMTP_HOST")
    else {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
}
DEFAULT_FROM_EMAIL = COUNTY.email or "noreply@localhost"

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 2 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "jugendhilfe.views.csrf_failure"
if not DEBUG:
    SECURE_SSL_REDIRECT = not env_flag("SRB_WITHOUT_TLS")
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env("SRB_LOG_LEVEL", "INFO")},
    # Every step of a PDF, every font: nobody wants to read that.
    "loggers": {name: {"level": "WARNING"} for name in ("weasyprint", "fontTools", "pikepdf")},
}
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
