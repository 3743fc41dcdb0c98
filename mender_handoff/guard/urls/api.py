"""The Guard API of the bundled Guard: /guard/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "guard_api"
urlpatterns: list[URLPattern | URLResolver] = []
