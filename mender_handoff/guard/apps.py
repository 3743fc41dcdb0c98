"""Django's registration of the bundled Guard and Mender; it does nothing at import."""

from django.apps import AppConfig


class GuardConfig(AppConfig):
    """Name the app; its label prefixes the tables: guard_check, guard_run."""

    name = "mender_handoff.guard"
    label = "guard"
    default_auto_field = "django.db.models.BigAutoField"
