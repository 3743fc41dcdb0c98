"""Django's registration of the app; it does nothing at import."""

from django.apps import AppConfig


class MenderHandoffConfig(AppConfig):
    """Name the app and its key type."""

    name = "mender_handoff"
    default_auto_field = "django.db.models.BigAutoField"
