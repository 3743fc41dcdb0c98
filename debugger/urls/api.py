"""The /v1/ endpoints of debugger."""

from django.urls import URLPattern, URLResolver

app_name = "debugger_api"
urlpatterns: list[URLPattern | URLResolver] = []
