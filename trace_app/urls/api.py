"""The /v1/ endpoints of trace_app."""

from django.urls import URLPattern, URLResolver

app_name = "trace_api"
urlpatterns: list[URLPattern | URLResolver] = []
