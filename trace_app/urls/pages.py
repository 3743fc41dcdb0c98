"""The list, and what is done with one trace; the pages that read one are in `reading.py`."""

from django.urls import URLPattern, URLResolver, path

from trace_app.views import (
    deletion,
    export_list,
    saved,
    share,
    signature,
    start,
    tiers,
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
    path("traces/<slug:ref>/share", share.share, name="share"),
    path("traces/<slug:ref>/share/<uuid:key>/revoke", share.revoke, name="share_revoke"),
    path("traces/<slug:ref>/delete", deletion.trace, name="trace_delete"),
    path("traces/<slug:ref>/row", trace_list.row, name="row"),
    path("traces/<slug:ref>/pin", trace_list.pin, name="pin"),
    path("traces/<slug:ref>/thaw", tiers.thaw, name="thaw"),
    path("r/<slug:ref>", trace.short_link, name="short_link"),
]
