"""The /v1/ endpoints of mender_handoff."""

from django.urls import path

from mender_handoff.api import attempts, webhooks

app_name = "mender_api"
urlpatterns = [
    path("traces/<str:ref>/promote-fix", attempts.promote, name="promote"),
    path("mender/attempts", attempts.attempt_list, name="attempts"),
    path("mender/attempts/<uuid:pk>", attempts.attempt, name="attempt"),
    path("mender/attempts/<uuid:pk>/dismiss", attempts.dismiss_one, name="dismiss"),
    path("webhooks/guard", webhooks.guard, name="guard_webhook"),
]
