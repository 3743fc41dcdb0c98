"""Django's registration of the app; it does nothing at import."""

from django.apps import AppConfig


class TraceAppConfig(AppConfig):
    """Name the app and its key type."""

    name = "trace_app"
    default_auto_field = "django.db.models.BigAutoField"
