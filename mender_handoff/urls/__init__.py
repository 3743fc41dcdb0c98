"""The pages of mender_handoff; the API's are in `api.py` under /v1/."""

from django.urls import URLPattern, URLResolver

app_name = "mender_handoff"
urlpatterns: list[URLPattern | URLResolver] = []
