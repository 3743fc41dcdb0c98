"""The Celery application. Tasks live in each app's `tasks.py`, their schedule in the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trace_app.project.settings")
app = Celery("trace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
