"""Django's registration of the app; it does nothing at import."""

from django.apps import AppConfig


class DebuggerConfig(AppConfig):
    """Name the app and its key type."""

    name = "debugger"
    default_auto_field = "django.db.models.BigAutoField"
