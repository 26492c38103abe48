"""Settings of the product. Everything a province decides lives in content/, not here."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key

from tinhso.config import embedded, env, logs, paths

BASE_DIR = paths.ROOT
CONTENT_DIR = paths.CONTENT
DATA_DIR = paths.data_dir()
DEBUG = env.boolean("TINHSO_DEBUG", default=False)
PORT = env.integer("TINHSO_PORT", 8000, low=1, high=65_532)
BASE_URL = env.text("TINHSO_BASE_URL", f"http://localhost:{PORT}")
SIMULATORS_URL = env.text("TINHSO_SIMULATORS_URL", f"http://localhost:{PORT + 1}")
GATEWAY_URL = env.text("TINHSO_GATEWAY_URL", f"http://localhost:{PORT + 2}")
PROVINCE = env.text("TINHSO_PROVINCE", "quang-ngai")
DEMO = env.boolean("TINHSO_DEMO", default=False)

# Where the processes of this machine count what they do, for `python -m tinhso.config.metrics`; empty: they do not.
METRICS_DIR = env.text("TINHSO_METRICS_DIR")
METRICS_TOKEN = env.secret("TINHSO_METRICS_TOKEN")
if METRICS_DIR:
    Path(METRICS_DIR).mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS_DIR  # the library reads it when it is imported
# Only looked at, by the metrics: how old the backup is, and when the certificate the proxy shows ends.
BACKUP_DIR = env.text("TINHSO_BACKUP_DIR")
TLS_CERTIFICATE = env.text("TINHSO_TLS_CERTIFICATE")


def _secret_key() -> str:
    file = DATA_DIR / "secrets" / "django"
    known = env.secret("TINHSO_SECRET_KEY", file=file)
    if known:
        return known
    key = get_random_secret_key()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    file.write_text(key)
    return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.items("TINHSO_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "django_htmx",
    "tinhso.interfaces.access",  # before the sign-in library: its templates come first
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "tinhso.apps.audit",
    "tinhso.apps.calendars",
    "tinhso.apps.directory",
    "tinhso.apps.accounts",
    "tinhso.apps.notifications",
    "tinhso.apps.mailboxes",
    "tinhso.apps.documents",
    "tinhso.apps.signatures",
    "tinhso.apps.vault",
    "tinhso.apps.exchange",
    "tinhso.apps.payments",
    "tinhso.apps.subscriptions",
    "tinhso.apps.receipts",
    "tinhso.apps.procedures",
    "tinhso.apps.cases",
    "tinhso.apps.reception",
    "tinhso.apps.petitions",
    "tinhso.apps.archives",
    "tinhso.apps.reconciliation",
    "tinhso.apps.payouts",
    "tinhso.apps.collections",
    "tinhso.interfaces.ui",
    "tinhso.interfaces.portal",
    "tinhso.interfaces.workspace",
    "tinhso.interfaces.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tinhso.interfaces.access.middleware.SecurityHeadersMiddleware",
    "tinhso.interfaces.access.downloads.RangeMiddleware",
    "tinhso.interfaces.access.plain.PlainTextMiddleware",
    "tinhso.interfaces.access.middleware.FactsMiddleware",
    "tinhso.interfaces.access.middleware.ActorMiddleware",
    "tinhso.interfaces.access.refusals.RefusalMiddleware",
    "tinhso.interfaces.access.middleware.PaceMiddleware",
    "tinhso.interfaces.access.middleware.DomainErrorMiddleware",
]
if METRICS_DIR:
    MIDDLEWARE.insert(0, "tinhso.interfaces.access.metering.MeteringMiddleware")

ROOT_URLCONF = "tinhso.config.urls"
WSGI_APPLICATION = "tinhso.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tinhso.interfaces.ui.context.site",
                "tinhso.interfaces.access.context.idle",
                "tinhso.interfaces.portal.context.notices",
            ],
        },
    }
]


def _database() -> dict[str, object]:
    role = env.text("TINHSO_DATABASE_ROLE", "application")
    url = env.text("DATABASE_OWNER_URL") if role == "owner" else ""
    url = url or env.text("DATABASE_URL")
    if not url:
        cluster = embedded.Cluster(DATA_DIR / "postgres")
        name = embedded.OWNER if role == "owner" else embedded.APPLICATION
        # Before the first start there are no passwords yet; commands that need no database still run.
        url = (
            cluster.url(name)
            if (cluster.folder / "secrets" / name).exists()
            else f"postgresql://{name}@/{embedded.DATABASE}"
        )
    settings = env.database(url)
    if env.boolean("TINHSO_DATABASE_POOL", default=False):
        settings["OPTIONS"] = {**settings["OPTIONS"], "pool": {"min_size": 1, "max_size": 8}}  # type: ignore[dict-item]  # a plain dict by construction
    return settings


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_POOL = env.boolean("TINHSO_DATABASE_POOL", default=False)

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["tinhso.interfaces.access.signed_in.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Ordered SHA-1 hashes of breached passwords, as haveibeenpwned publishes them; none: the list of common ones alone.
BREACHED_PASSWORDS = Path(_BREACHED) if (_BREACHED := env.text("TINHSO_BREACHED_PASSWORDS")) else None

# Sign-in. Officers: password and second factor; citizens: the national identity (docs/explanation/rights.md).
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
OFFICER_HOME = "/can-bo/"
CITIZEN_HOME = "/"
ACCOUNT_ADAPTER = "tinhso.interfaces.access.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Lock-out is ours, in the database and so the same in every process; these only slow floods down.
ACCOUNT_RATE_LIMITS = {"login": "240/m/ip", "login_failed": "", "reauthenticate": "30/m/user"}
ACCOUNT_FORMS = {
    "login": "tinhso.interfaces.access.forms.SignInForm",
    "reauthenticate": "tinhso.interfaces.access.forms.ConfirmPasswordForm",
    "change_password": "tinhso.interfaces.access.forms.NewPasswordForm",
}
MFA_ADAPTER = "tinhso.apps.accounts.adapters.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith("http://")
MFA_FORMS = {
    "authenticate": "tinhso.interfaces.access.forms.SecondFactorForm",
    "reauthenticate": "tinhso.interfaces.access.forms.ConfirmCodeForm",
    "activate_totp": "tinhso.interfaces.access.forms.EnrolCodeForm",
    "add_webauthn": "tinhso.interfaces.access.forms.EnrolPasskeyForm",
    "edit_webauthn": "tinhso.interfaces.access.forms.RenamePasskeyForm",
}
SOCIALACCOUNT_ADAPTER = "tinhso.interfaces.access.adapters.IdentityAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_REQUESTS_TIMEOUT = env.integer("TINHSO_IDENTITY_TIMEOUT", 8, low=1, high=60)
# Systems of ministries that run legs of linked procedures; the defaults are the simulator's.
_MINISTRIES_URL = env.text("TINHSO_MINISTRIES_URL", f"{SIMULATORS_URL}/ministries")
_MINISTRIES_SECRET = env.secret("TINHSO_MINISTRIES_SECRET") or "demo-secret-not-for-production"
_MINISTRIES_CLIENT = env.text("TINHSO_MINISTRIES_CLIENT_ID", "tinhso-demo")
LINKED_SYSTEMS = {
    key: {
        "name": name,
        "url": f"{_MINISTRIES_URL}/{key}",
        "client_id": _MINISTRIES_CLIENT,
        "secret": _MINISTRIES_SECRET,
    }
    for key, name in (
        ("justice", "Hệ thống đăng ký, quản lý hộ tịch (Bộ Tư pháp)"),
        ("police", "Hệ thống của Bộ Công an"),
        ("insurance", "Hệ thống của Bảo hiểm xã hội"),
    )
}

# Outside providers of electronic receipts, used where content/receipts names one; the defaults are the simulator's.
_RECEIPTS_URL = env.text("TINHSO_RECEIPTS_URL", f"{SIMULATORS_URL}/receipts")
RECEIPT_PROVIDERS: dict[str, dict[str, Any]] = {
    key: {
        "url": f"{_RECEIPTS_URL}/{key}",
        "username": env.text("TINHSO_RECEIPTS_USERNAME", "tinhso-demo"),
        "password": env.secret("TINHSO_RECEIPTS_PASSWORD") or "demo-secret-not-for-production",
        "tax_code": env.text("TINHSO_RECEIPTS_TAX_CODE", "0100109106-990"),
        "series": env.text("TINHSO_RECEIPTS_SERIES", "QN-26E"),
        "timeout": env.integer("TINHSO_RECEIPTS_TIMEOUT", 15, low=1, high=120),
    }
    for key in ("sinvoice", "vnpt")
}
# The national payment platform and the bank's messages; the defaults are the simulator's, their secrets only in a demo.
_DEMO_SECRET = "demo-secret-not-for-production" if DEMO else ""
PAYMENT_PLATFORM = {
    "url": env.text("TINHSO_PAYMENT_URL", f"{SIMULATORS_URL}/payment"),
    "secret": env.secret("TINHSO_PAYMENT_SECRET") or _DEMO_SECRET,
    "token": env.secret("TINHSO_PAYMENT_TOKEN") or _DEMO_SECRET,
}
BANK_SECRET = env.secret("TINHSO_BANK_SECRET") or _DEMO_SECRET
# The national public-service portal, to which cases and their progress are told. The defaults are the simulator's.
NATIONAL_PORTAL: dict[str, Any] = {
    "url": env.text("TINHSO_NATIONAL_PORTAL_URL", f"{SIMULATORS_URL}/national-portal" if DEMO else ""),
    "service": env.text("TINHSO_NATIONAL_PORTAL_SERVICE", "VN/GOV/G01/dvcqg/hoso-mot-cua"),
    "username": env.text("TINHSO_NATIONAL_PORTAL_USERNAME", "tinhso-demo"),
    "password": env.secret("TINHSO_NATIONAL_PORTAL_PASSWORD") or _DEMO_SECRET,
    "dstcode": env.text("TINHSO_NATIONAL_PORTAL_DSTCODE", "VN:GOV:G01:dvcqg"),
    "seconds": env.integer("TINHSO_NATIONAL_PORTAL_TIMEOUT", 15, low=1, high=120),
}
# The axis of official documents, whose directory of agencies is followed. The defaults are the simulator's.
DOCUMENT_AXIS: dict[str, Any] = {
    "dialect": env.text("TINHSO_DOCUMENT_AXIS_DIALECT", "vxp"),
    "url": env.text("TINHSO_DOCUMENT_AXIS_URL", f"{SIMULATORS_URL}/vxp" if DEMO else ""),
    "system_id": env.text("TINHSO_DOCUMENT_AXIS_SYSTEM", "H48-DEMO" if DEMO else ""),
    "secret": env.secret("TINHSO_DOCUMENT_AXIS_SECRET") or _DEMO_SECRET,
}

_IDENTITY_URL = env.text("TINHSO_IDENTITY_URL", f"{SIMULATORS_URL}/identity")
# Addresses by hand: the national identity publishes no discovery document. The defaults are the simulator's.
NATIONAL_IDENTITY = {
    "name": env.text("TINHSO_IDENTITY_NAME", "Định danh điện tử (VNeID)"),
    "issuer_key": "vneid",
    "issuer": env.text("TINHSO_IDENTITY_ISSUER", _IDENTITY_URL),
    "client_id": env.text("TINHSO_IDENTITY_CLIENT_ID", "tinhso-demo"),
    "secret": env.secret("TINHSO_IDENTITY_SECRET") or "demo-secret-not-for-production",
    "authorize_url": env.text("TINHSO_IDENTITY_AUTHORIZE_URL", f"{_IDENTITY_URL}/auth"),
    "token_url": env.text("TINHSO_IDENTITY_TOKEN_URL", f"{_IDENTITY_URL}/token"),
    "userinfo_url": env.text("TINHSO_IDENTITY_USERINFO_URL", f"{_IDENTITY_URL}/userinfo"),
    "userinfo_method": env.text("TINHSO_IDENTITY_USERINFO_METHOD", "POST"),
    "keys_url": env.text("TINHSO_IDENTITY_KEYS_URL", f"{_IDENTITY_URL}/jwks"),
    "logout_url": env.text("TINHSO_IDENTITY_LOGOUT_URL", f"{_IDENTITY_URL}/logout"),
    "level": env.integer("TINHSO_IDENTITY_LEVEL", 2, low=1, high=2),
    "oauth_pkce_enabled": env.boolean("TINHSO_IDENTITY_PKCE", default=True),
}
# How many reverse proxies in front may name the client's address (X-Forwarded-For).
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TINHSO_TRUSTED_PROXIES", 0, low=0, high=5)
# Such a proxy also says whether the visitor came over TLS; without one, nobody is believed about it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
CSRF_FAILURE_VIEW = "tinhso.interfaces.access.views.csrf_failure"

SESSION_ENGINE = "tinhso.interfaces.access.signed_in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BASE_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
# A cookie of this name is only taken from this very host, over TLS, for all of it: no neighbour on a subdomain can set it.
COOKIE_PREFIX = "__Host-" if SESSION_COOKIE_SECURE else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "staticfiles"
NODE_MODULES_DIR = BASE_DIR / "node_modules"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "tinhso.interfaces.ui.finders.PackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tinhso.interfaces.ui.storage.HashedStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# Empty: signed papers get no time stamp. A token of the state's authority was measured to take up to 131 seconds.
TIME_STAMPS: dict[str, Any] = {
    "url": env.text("TINHSO_TSA_URL", f"{SIMULATORS_URL}/trust/tsa" if DEMO else ""),
    "seconds": env.integer("TINHSO_TSA_TIMEOUT", 180, low=1, high=600),
    "tries": env.integer("TINHSO_TSA_TRIES", 3, low=1, high=10),
    "at_once": env.integer("TINHSO_TSA_AT_ONCE", 4, low=1, high=32),
    "wait_seconds": env.integer("TINHSO_TSA_WAIT", 60, low=1, high=3_600),
    "pause_seconds": env.integer("TINHSO_TSA_PAUSE", 3_600, low=60, high=86_400),
    "renew_days": env.integer("TINHSO_TSA_RENEW_DAYS", 90, low=1, high=3_650),
}

# Events for other systems. `allow_inside`: also over HTTP without TLS and to this machine, as the demonstration needs it.
EVENTS: dict[str, Any] = {
    "allow_inside": env.boolean("TINHSO_EVENTS_ALLOW_INSIDE", default=DEMO),
    "nats_url": env.secret("TINHSO_NATS_URL") or "",
}

# Requests to the API a minute, in each process: of one system that signs in, and of one source that does not.
API_PACE = {
    "client": env.integer("TINHSO_API_PER_MINUTE", 6_000, low=60, high=1_000_000),
    "source": env.integer("TINHSO_API_PUBLIC_PER_MINUTE", 600, low=10, high=1_000_000),
}
# The second layer under citizens' pages; first `tinhso ownrows` puts it into the database (decision 0046).
OWN_ROWS = env.boolean("TINHSO_OWN_ROWS", default=False)
# Where to report a weakness (security.txt, RFC 9116): an address or a page; empty: the page for petitions.
SECURITY_CONTACT = env.text("TINHSO_SECURITY_CONTACT", "")

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 262_144
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
TRUST_DIR = env.text("TINHSO_TRUST_DIR", "")
TINHSO_MAX_UPLOAD_MB = env.integer("TINHSO_MAX_UPLOAD_MB", 20, low=1, high=2_000)
FILES: dict[str, Any] = {
    "store": env.choice("TINHSO_FILES_STORE", "disk", among=("disk", "s3")),
    "keys": env.text("TINHSO_FILE_KEYS_DIR"),
    "s3": {
        "bucket": env.text("TINHSO_S3_BUCKET"),
        "url": env.text("TINHSO_S3_URL"),
        "region": env.text("TINHSO_S3_REGION"),
        "key_id": env.text("TINHSO_S3_KEY_ID"),
        "secret": env.secret("TINHSO_S3_SECRET"),
        "prefix": env.text("TINHSO_S3_PREFIX"),
    },
    "clamd": env.text("TINHSO_CLAMD"),
    "scan_policy": env.choice("TINHSO_SCAN_POLICY", "allow", among=("allow", "hold")),
    "refused_notes": env.items("TINHSO_PDF_REFUSED", ["script", "launch", "xfa"]),
    "most_pages": env.integer("TINHSO_MAX_PDF_PAGES", 10_000, low=1, high=100_000),
    "preview_pages": env.integer("TINHSO_PREVIEW_PAGES", 50, low=0, high=1_000),
    "upload_hours": env.integer("TINHSO_UPLOAD_HOURS", 24, low=1, high=168),
    "most_uploads": env.integer("TINHSO_MAX_OPEN_UPLOADS", 10, low=1, high=100),
}

# Where scanners write, a folder a counter inside; empty: `scans-in` beside the data. What nobody takes is removed.
SCANS: dict[str, Any] = {
    "folder": env.text("TINHSO_SCAN_FOLDER"),
    "keep_days": env.integer("TINHSO_SCAN_FOLDER_DAYS", 7, low=1, high=365),
}

# Recognition of letters in digitised papers, for search; without the program everything else works.
OCR: dict[str, Any] = {
    "command": env.text("TINHSO_OCR", "tesseract"),
    "languages": env.text("TINHSO_OCR_LANGUAGES", "vie"),
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# E-mail goes out by SMTP where a server is named; a demonstration writes letters to files, otherwise there are none.
_SMTP_HOST = env.text("TINHSO_SMTP_HOST")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _SMTP_HOST
EMAIL_PORT = env.integer("TINHSO_SMTP_PORT", 587, low=1, high=65_535)
EMAIL_HOST_USER = env.text("TINHSO_SMTP_USER")
EMAIL_HOST_PASSWORD = env.secret("TINHSO_SMTP_PASSWORD") or ""
EMAIL_USE_TLS = env.boolean("TINHSO_SMTP_STARTTLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("TINHSO_MAIL_FROM", "khong-tra-loi@localhost")
EMAIL_FILE_PATH = DATA_DIR / "mail"
if not _SMTP_HOST:
    EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if DEMO else 'dummy'}.EmailBackend"

# Official mail: the server's administrative interface (Dovecot's), and how its queue is read. Empty: none is connected.
MAIL_SERVER: dict[str, Any] = {
    "doveadm_url": env.text("TINHSO_DOVEADM_URL"),
    "doveadm_key": env.secret("TINHSO_DOVEADM_KEY") or "",
    "queue_command": env.text("TINHSO_MAIL_QUEUE_COMMAND"),
    "imap": env.text("TINHSO_MAIL_IMAP"),
    "seconds": env.integer("TINHSO_MAIL_SERVER_TIMEOUT", 30, low=1, high=600),
    "name": env.text("TINHSO_MAIL_SERVER_NAME"),
    "webmail": env.text("TINHSO_WEBMAIL_URL"),
}

_MESSAGING_URL = f"{SIMULATORS_URL}/messaging" if DEMO else ""
# Ways out to people. What has no address is off; the demonstration's are the simulators'.
MESSAGING: dict[str, Any] = {
    "email": bool(_SMTP_HOST) or DEMO,
    "sms": {
        "a": {
            "url": env.text("TINHSO_SMS_A_URL", f"{_MESSAGING_URL}/sms/a" if DEMO else ""),
            "secret": env.secret("TINHSO_SMS_A_SECRET") or "demo-secret-not-for-production",
        },
        "b": {
            "url": env.text("TINHSO_SMS_B_URL", f"{_MESSAGING_URL}/sms/b" if DEMO else ""),
            "secret": env.secret("TINHSO_SMS_B_SECRET") or "demo-secret-not-for-production",
        },
    },
    "zalo": {
        "app_id": env.text("TINHSO_ZALO_APP_ID", "1000000000000000001" if DEMO else ""),
        "secret": env.secret("TINHSO_ZALO_SECRET") or "demo-secret-not-for-production",
        "hook_secret": env.secret("TINHSO_ZALO_HOOK_SECRET") or "demo-secret-not-for-production",
        "oauth_url": env.text(
            "TINHSO_ZALO_OAUTH_URL", f"{_MESSAGING_URL}/zalo" if DEMO else "https://oauth.zaloapp.com"
        ),
        "api_url": env.text("TINHSO_ZALO_API_URL", f"{_MESSAGING_URL}/zalo" if DEMO else "https://openapi.zalo.me"),
        "zns_url": env.text(
            "TINHSO_ZALO_ZNS_URL", f"{_MESSAGING_URL}/zalo" if DEMO else "https://business.openapi.zalo.me"
        ),
    },
    "sender": env.text("TINHSO_SENDER_NAME", "Cổng dịch vụ công của tỉnh"),
    # Browsers name where they are reached; messages go only to push services known here.
    "push_hosts": [
        *env.items(
            "TINHSO_PUSH_HOSTS",
            ["fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "web.push.apple.com"],
        ),
        *([urlsplit(SIMULATORS_URL).netloc] if DEMO else []),
    ],
    "push_key": DATA_DIR / "secrets" / "push.pem",
    "push_contact": env.text("TINHSO_PUSH_CONTACT", "mailto:khong-tra-loi@localhost"),
}

# A journal takes objects, which programs search; a terminal lines, which people read.
LOGGING = logs.logging_settings(
    env.choice("TINHSO_LOG_FORMAT", "json" if "JOURNAL_STREAM" in os.environ else "lines", among=("json", "lines")),
    level=env.text("TINHSO_LOG_LEVEL", "WARNING"),
)
