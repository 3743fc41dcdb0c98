"""The pages of mender_handoff; the API's are in `api.py` under /v1/."""

from django.urls import path

from mender_handoff.views import attempts, clusters, promotion

app_name = "mender_handoff"
urlpatterns = [
    path("traces/<str:ref>/mender", attempts.card, name="card"),
    path("traces/<str:ref>/promote", promotion.modal, name="promote_modal"),
    path("replays/<uuid:replay_id>/promote", promotion.slot, name="promote_slot"),
    path("signatures/<uuid:key>/attempts", clusters.attempts, name="signature_attempts"),
    path("mender/attempts", attempts.attempt_list, name="attempts"),
    path("mender/attempts/<uuid:pk>", attempts.attempt, name="attempt"),
    path("mender/attempts/<uuid:pk>/dismiss", attempts.dismiss, name="dismiss"),
]
