"""Django settings of Trace. Every choice a deployment makes is an environment variable."""

import os
from pathlib import Path

from django.utils.csp import CSP

from trace_app.project import broker, environment, postgres, postgres_pool

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("TRACE_VAR", BASE_DIR / "var"))

DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.secret_key(VAR_DIR)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

# Where a person's browser and Guard reach this Trace: permalinks are built from it.
PORT = os.environ.get("PORT", "8000")
TRACE_PUBLIC_URL = os.environ.get("TRACE_PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "trace_app",
    "debugger",
    "mender_handoff",
    "mender_handoff.guard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "trace_app.project.middleware.OwnWindow",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "trace_app.project.middleware.RefuseNul",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "trace_app.project.middleware.ColdTraces",
]

ROOT_URLCONF = "trace_app.project.urls"
ASGI_APPLICATION = "trace_app.project.asgi.application"

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
                "trace_app.project.context.chrome",
            ],
        },
    },
]

DATABASES = {
    "default": environment.database(
        os.environ.get("DATABASE_URL") or postgres.url(VAR_DIR / "pg", "trace")
    )
}
# A pool instead of CONN_MAX_AGE: under ASGI persistent connections are never given back
# (https://docs.djangoproject.com/en/6.1/ref/databases/#connection-pool).
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": int(os.environ.get("DATABASE_POOL", "16")),
    "timeout": 10,
    "check": postgres_pool.check,
}
# Statements are prepared where the code asks for it (models/prepared.py), not those of the ORM: at
# once, with one plan for any parameters, or a connection's first ten would each be planned anew.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0
DATABASES["default"]["OPTIONS"].setdefault("options", "-c plan_cache_mode=force_generic_plan")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "trace_app.permissions.accounts.Accounts",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "trace_app:list"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Without DEBUG whitenoise serves the finders' files too, so a demo needs no collectstatic.
WHITENOISE_USE_FINDERS = environment.flag("WHITENOISE_USE_FINDERS", default=True)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "media"},
    },
    # Directories, or S3 where TRACE_S3_BUCKET names a bucket.
    "blobs": environment.file_storage(VAR_DIR / "blobs"),
    # Restore capsules: encrypted, without a URL, read by the replay runner alone.
    "capsules": environment.file_storage(VAR_DIR / "capsules"),
    "staticfiles": {
        "BACKEND": os.environ.get(
            "STATICFILES_BACKEND", "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "media-src": [CSP.SELF, "blob:"],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
# Said by OwnWindow, which looks at where a reader comes from.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_ENGINE = "trace_app.project.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# TRACE_HTTPS=1 is the production posture; one machine on loopback speaks plain HTTP.
HTTPS = environment.flag("TRACE_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# A bundle is streamed to disk; this bounds what Django keeps in memory of other bodies.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
# A body up to this size is held in memory as it arrives; each piece of a larger one is handed to a
# thread that writes it to a file. A recorder's batch of 20,000 events is half of it.
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# Files of forms, too, go to the private folder of uploads on their way in, never into memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "spool"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "trace_app.api.authentication.ApiKeyAuthentication",
        "trace_app.api.authentication.PersonSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["trace_app.api.parsers.StrictJson"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "trace_app.api.negotiation.AlwaysFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "trace_app.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Trace",
    "DESCRIPTION": "Ingest, read and replay forensic traces of end-to-end checks.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    # 3.1 is plain JSON Schema, so that answers can be held against it.
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "trace_app.api.openapi.complete",
    ],
}

CELERY_BROKER_URL = broker.url(DATABASES["default"])
CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_options(CELERY_BROKER_URL, DATABASES["default"])
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Remote control would give every worker a queue of its own; nothing here uses it.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# What drives a browser for seconds or minutes waits in a queue of its own, so that a webhook or a
# summary never stands behind it. One worker per queue, or one worker for both (`-Q celery,runs`).
CELERY_TASK_ROUTES = {
    name: {"queue": "runs"}
    for name in ("debugger.run_replay", "guard.run_check", "guard.advance_job")
}
# Messages are wake-ups only: these sweeps find every row whose wake-up was lost.
_SWEEP_SECONDS = environment.seconds("TRACE_SWEEP_SECONDS", default=15.0)
CELERY_BEAT_SCHEDULE = {
    # One that waited for longer has been overtaken by the next.
    name: {"task": name, "schedule": _SWEEP_SECONDS, "options": {"expires": _SWEEP_SECONDS}}
    for name in ("trace_app.sweep", "debugger.sweep", "mender_handoff.sweep", "guard.sweep")
}
CELERY_BEAT_SCHEDULE["trace_app.sweep_blobs"] = {
    "task": "trace_app.sweep_blobs",
    "schedule": 3600.0,
    "options": {"expires": 3600.0},
}
CELERY_BEAT_SCHEDULE["trace_app.retain"] = {
    "task": "trace_app.retain",
    "schedule": 300.0,
    "options": {"expires": 300.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# The Debugger's engine, a dotted path. The default answers offline and needs no key.
DEBUGGER_ENGINE = os.environ.get("DEBUGGER_ENGINE", "debugger.tools.offline.OfflineEngine")

# Hosts outside the public internet that outbound calls may reach; the bundled Guard is one.
OUTBOUND_ALLOWED_HOSTS = environment.words("OUTBOUND_ALLOWED_HOSTS", "127.0.0.1,localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"mask": {"()": "trace_app.project.logs.MaskShareSecrets"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask"]}
    },
    # One line per outbound call would bury everything else.
    "loggers": {"httpx": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
