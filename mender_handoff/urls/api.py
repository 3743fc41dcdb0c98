"""The /v1/ endpoints of mender_handoff."""

from django.urls import URLPattern, URLResolver

app_name = "mender_api"
urlpatterns: list[URLPattern | URLResolver] = []
