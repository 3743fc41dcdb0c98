"""Parts of a stored record that a team's readers alone may fetch: whole blobs and sources."""

from django.urls import URLPattern, URLResolver, path

from trace_app.views import media

urlpatterns: list[URLPattern | URLResolver] = [
    path("traces/<slug:ref>/source", media.source, name="source"),
    path("traces/<slug:ref>/blobs/<slug:sha256>", media.blob, name="blob"),
    path("blobs/<str:ticket>", media.signed_blob, name="signed_blob"),
]
