"""The pages of the bundled Guard and its forge; its API is in `api.py` under /guard/v1/."""

from django.urls import path

from mender_handoff.guard.views import checks, forge

app_name = "guard"
urlpatterns = [
    path("guard/checks", checks.check_list, name="checks"),
    path("guard/checks/<uuid:pk>", checks.check, name="check"),
    path("forge/<slug:repo>/pulls", forge.pull_requests, name="pull_requests"),
    path("forge/<slug:repo>/pulls/<int:number>", forge.pull_request, name="pull_request"),
]
