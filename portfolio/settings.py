"""Django settings. What differs between installations comes from ``portfolio.environment``."""

from csp.constants import NONE, SELF

from portfolio import environment
from portfolio.environment import BASE_DIR, DATA_DIR, DEBUG, INSECURE_HTTP

SECRET_KEY = environment.secret_key()
ALLOWED_HOSTS = environment.ALLOWED_HOSTS

INSTALLED_APPS = [
    "home",
    "optimization",
    "scoring",
    "metrics",
    "initiatives",
    "portfolio.sheets",
    "portfolio.actions",
    "portfolio.tabs",
    "portfolio.tabs.admin_site.LodestarAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portfolio.requests.Guard",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portfolio.urls"
WSGI_APPLICATION = "portfolio.wsgi.application"

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
                "portfolio.navigation.navigation",
            ],
        },
    }
]

# Database ---------------------------------------------------------------------------------------------

DATABASES = {"default": environment.DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes contended writes from 80 % failures under WAL alone to none.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # Django's in-memory test database locks at once under IMMEDIATE; a file does not.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Who may come in --------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True

# Transport and browser --------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not (INSECURE_HTTP or DEBUG)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP or DEBUG else 31_536_000
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not (INSECURE_HTTP or DEBUG)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Language, time, files --------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from where they lie: a second start has nothing to collect.
WHITENOISE_USE_FINDERS = True

# API --------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portfolio.requests.GuardedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lodestar API",
    "DESCRIPTION": "The tabs, the actions and the runs of a portfolio.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Its own default lets strangers read it.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Background work --------------------------------------------------------------------------------------

BROKER_DIR = DATA_DIR / "broker"
if environment.REDIS_URL:
    CELERY_BROKER_URL = environment.REDIS_URL
    # A request must not wait for a Redis that is gone: the sweeper sends the message later.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"socket_connect_timeout": 2, "max_retries": 1}
else:
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "store_processed": True,
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.2,
    }
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

ACTIONS_QUEUE = CELERY_TASK_DEFAULT_QUEUE = "lodestar"
ACTIONS_WATCH_SECONDS = 0.5  # how often a running job looks whether it was cancelled
ACTIONS_GRACE_SECONDS = 5  # then a job that does not look is interrupted
ACTIONS_BEAT_SECONDS = 10  # how often it shows that it lives
ACTIONS_STALE_SECONDS = 90  # without a sign of life for so long, it counts as lost
ACTIONS_LOSSES = 3  # so many losses fail it
ACTIONS_RESEND_SECONDS = 60  # a run queued for so long is sent to the broker again
ACTIONS_SWEEP_SECONDS = 5

# Uncertainty ------------------------------------------------------------------------------------------

SCORING_DRAWS = 10_000  # of every uncertain value

# Google Sheets ----------------------------------------------------------------------------------------

GOOGLE_SERVICE_ACCOUNT_FILE = environment.GOOGLE_SERVICE_ACCOUNT_FILE
SHEETS_API_ENDPOINT = environment.SHEETS_API_ENDPOINT
SYNC_EVERY_MINUTES = environment.SYNC_EVERY_MINUTES  # 0: only when someone asks

# LLM --------------------------------------------------------------------------------------------------

OPENAI_API_KEY = environment.OPENAI_API_KEY
LLM_BASE_URL = environment.LLM_BASE_URL
LLM_MODEL = environment.LLM_MODEL
LLM_MAX_CALLS_PER_RUN = environment.LLM_MAX_CALLS_PER_RUN
LLM_DEBOUNCE_HOURS = environment.LLM_DEBOUNCE_HOURS
LLM_DAILY_TOKEN_CAP = environment.LLM_DAILY_TOKEN_CAP  # 0: no cap
LLM_CALL_SECONDS = 120  # one call in all, however slowly its answer drips

DEMO_LOGINS = "home.demo.logins"  # what `manage.py up` greets with

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "httpx2": {"level": "WARNING"},  # it logs whole addresses
    },
}
