"""The list, the trace page and its panels."""

from django.urls import URLPattern, URLResolver, path

from trace_app.views import (
    deletion,
    export_list,
    panels,
    saved,
    signature,
    source,
    start,
    trace,
    upload,
)
from trace_app.views import list as trace_list

urlpatterns: list[URLPattern | URLResolver] = [
    path("ingest", upload.ingest, name="ingest"),
    path("integrations/<str:name>", start.package, name="package"),
    path("traces", trace_list.trace_list, name="list"),
    path("traces.csv", export_list.csv_file, name="csv"),
    path("views", saved.save, name="view_save"),
    path("views/<uuid:key>/delete", saved.delete, name="view_delete"),
    path("signatures/<uuid:key>", signature.signature, name="signature"),
    path("traces/compare", trace_list.compare, name="compare"),
    path("traces/<slug:ref>", trace.trace_page, name="trace"),
    path("traces/<slug:ref>/delete", deletion.trace, name="trace_delete"),
    path("traces/<slug:ref>/row", trace_list.row, name="row"),
    path("traces/<slug:ref>/live", trace.live, name="live"),
    path("traces/<slug:ref>/pin", trace_list.pin, name="pin"),
    path("traces/<slug:ref>/index.json", trace.index, name="index"),
    path("traces/<slug:ref>/step-source", source.step_source, name="step_source"),
    path("traces/<slug:ref>/panels/<slug:name>", panels.panel, name="panel"),
    path("r/<slug:ref>", trace.short_link, name="short_link"),
]
