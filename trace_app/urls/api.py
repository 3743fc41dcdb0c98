"""The /v1/ endpoints of trace_app."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularJSONAPIView

from trace_app.api import ingest, shares, traces
from trace_app.api.stream import stream

app_name = "trace_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "openapi.json",
        login_not_required(
            SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[])
        ),
        name="openapi",
    ),
    path("health", traces.health, name="health"),
    path("traces", traces.collection, name="traces"),
    path("traces/ingest", ingest.ingest, name="ingest"),
    path("traces/<slug:ref>", traces.show, name="trace"),
    path("traces/<slug:ref>/events", traces.events, name="events"),
    path("traces/<slug:ref>/finish", ingest.finish, name="finish"),
    path("traces/<slug:ref>/steps", traces.steps, name="steps"),
    path("traces/<slug:ref>/summary.json", traces.summary, name="summary"),
    path("traces/<slug:ref>/manifest.json", traces.manifest, name="manifest"),
    path("traces/<slug:ref>/blobs/<slug:sha256>", traces.blob, name="blob"),
    path("traces/<slug:ref>/export", traces.export, name="export"),
    path("traces/<slug:ref>/stream", stream, name="stream"),
    path("traces/<slug:ref>/pin", traces.pinned, name="pin"),
    path("traces/<slug:ref>/share", shares.shares, name="share"),
    path("traces/<slug:ref>/share/<uuid:key>", shares.share, name="share_one"),
    path("traces/<slug:ref>/thaw", traces.thaw, name="thaw"),
]
