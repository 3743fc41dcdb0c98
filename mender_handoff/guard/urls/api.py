"""The Guard API of the bundled Guard: /guard/v1/."""

from django.urls import path

from mender_handoff.guard.api import endpoints

app_name = "guard_api"
urlpatterns = [
    path("mender/attempts", endpoints.create_attempt, name="attempts"),
    path("mender/attempts/<uuid:pk>", endpoints.attempt, name="attempt"),
    path("checks", endpoints.create_check, name="checks"),
    path("checks/<uuid:pk>", endpoints.check, name="check"),
    path("push", endpoints.push, name="push"),
]
