"""Frames, snapshots and other parts of a stored record."""

from django.urls import URLPattern, URLResolver


urlpatterns: list[URLPattern | URLResolver] = []
