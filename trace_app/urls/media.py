"""Frames, snapshots and other parts of a stored record."""

from django.urls import URLPattern, URLResolver, path

from trace_app.views import evidence, media

urlpatterns: list[URLPattern | URLResolver] = [
    path("traces/<slug:ref>/frames/<int:seq>", media.frame, name="frame"),
    path("traces/<slug:ref>/snapshots/<int:seq>", media.snapshot, name="snapshot"),
    path("traces/<slug:ref>/source", media.source, name="source"),
    path("traces/<slug:ref>/members/<path:name>", media.member, name="member"),
    path("traces/<slug:ref>/blobs/<slug:sha256>", media.blob, name="blob"),
    path("blobs/<str:ticket>", media.signed_blob, name="signed_blob"),
    path("traces/<slug:ref>/evidence/<int:seq>", evidence.evidence, name="evidence"),
]
