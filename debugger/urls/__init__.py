"""The pages of debugger; the API's are in `api.py` under /v1/."""

from django.urls import URLPattern, URLResolver

app_name = "debugger"
urlpatterns: list[URLPattern | URLResolver] = []
