"""The Django project: settings, URLs, ASGI and Celery entry points."""

from trace_app.project.celery import app as celery_app

__all__ = ["celery_app"]
