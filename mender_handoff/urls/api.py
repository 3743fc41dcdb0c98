"""The /v1/ endpoints of mender_handoff."""

from django.urls import path

from mender_handoff.api import webhooks

app_name = "mender_api"
urlpatterns = [
    path("webhooks/guard", webhooks.guard, name="guard_webhook"),
]
