"""The pages of the bundled Guard and its forge; its API is in `api.py` under /guard/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "guard"
urlpatterns: list[URLPattern | URLResolver] = []
