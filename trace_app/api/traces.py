"""Reading traces: the list and one trace with its parts."""

import tempfile
from collections.abc import Iterable
from typing import IO, Final

import msgspec
from django.db import connection
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import redirect
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from trace_app.actions.deletion import delete_trace
from trace_app.actions.tiers import request_thaw
from trace_app.actions.traces import pin, unpin
from trace_app.api import ingest
from trace_app.api.openapi import EVENTS, SUMMARY
from trace_app.api.parameters import read_cursor, read_filters, read_limit, read_window
from trace_app.domain.chunks import seq_of
from trace_app.domain.states import Tier, TraceSource, TraceStatus
from trace_app.http import authed, file_response, get_events_of_or_404, get_trace_or_404
from trace_app.models import TraceBlob
from trace_app.permissions import ADMINISTER, OPERATE, VIEW, teams_with
from trace_app.queries import traces
from trace_app.queries.event_chunks import require_thawed
from trace_app.queries.events import first_lines, lines
from trace_app.queries.whole_trace import every_line
from trace_app.serializers.traces import (
    ErrorSerializer,
    HealthSerializer,
    ManifestSerializer,
    StepListSerializer,
    TraceListSerializer,
    TraceSerializer,
    step_json,
    trace_json,
)
from trace_app.storage.exports import export_bundle
from trace_app.storage.tickets import sign

_NDJSON: Final = "application/x-ndjson"
_FILTERS: Final = [
    OpenApiParameter("project", str, description="Slug"),
    OpenApiParameter("scenario", str, description="Slug"),
    OpenApiParameter("status", str, enum=[word.value for word in TraceStatus]),
    OpenApiParameter(
        "source",
        str,
        enum=[*(word.value for word in TraceSource), "any"],
        description="Without it: all but replay, flake_check and proof; `any` lists every run",
    ),
    OpenApiParameter("signature", str, description="Slug or hash of a failure signature"),
    OpenApiParameter("tier", str, enum=[word.value for word in Tier]),
    OpenApiParameter("branch", str),
    OpenApiParameter("pr", int, description="Number of the pull request"),
    OpenApiParameter("sha", str, description="Commit, or its beginning"),
    OpenApiParameter("author", str, description="As the run named it"),
    OpenApiParameter("q", str, description="Words, beginnings of words, `field:value`"),
]
_PAGING: Final = [
    OpenApiParameter("from", OpenApiTypes.DATETIME, description="Created then or later"),
    OpenApiParameter("to", OpenApiTypes.DATETIME, description="Created earlier"),
    OpenApiParameter("limit", int, description="1 to 200; 50 when not given"),
    OpenApiParameter("cursor", str, description="`next` of the page before"),
]
_WINDOW: Final = [
    OpenApiParameter(name, type_)
    for name, type_ in (
        ("ribbon", str),
        ("kind", str),
        ("step", int),
        ("seq_from", int),
        ("seq_to", int),
        ("ts_from", float),
        ("ts_to", float),
        ("limit", int),
        ("as", str),
    )
]


@extend_schema(
    methods=["GET"],
    operation_id="list_traces",
    parameters=[*_FILTERS, *_PAGING],
    responses={200: TraceListSerializer, 400: ErrorSerializer},
)
@ingest.OPEN_SCHEMA
@api_view(["GET", "POST"])
def collection(request: Request) -> Response:
    """List traces newest first, or open one for append."""
    if request.method == "POST":
        return ingest.open_trace(request)
    page = traces.find(
        teams_with(authed(request).user, VIEW),
        read_filters(request),
        read_cursor(request),
        read_limit(request, default=50, highest=200),
    )
    return Response({"traces": [trace_json(one) for one in page.traces], "next": page.next_cursor})


@extend_schema(
    methods=["GET"],
    operation_id="get_trace",
    responses={200: TraceSerializer, 404: ErrorSerializer},
)
@extend_schema(
    methods=["DELETE"],
    operation_id="delete_trace",
    responses={204: None, 403: ErrorSerializer, 404: ErrorSerializer},
)
@api_view(["GET", "DELETE"])
def show(request: Request, ref: str) -> Response:
    """One trace, by short id or UUID; an owner's session may delete it, no key may."""
    if request.method == "DELETE":
        trace = get_trace_or_404(authed(request), ref, ADMINISTER)
        delete_trace(by=authed(request).user, trace=trace)
        return Response(status=204)
    return Response(trace_json(get_trace_or_404(authed(request), ref)))


@extend_schema(
    methods=["GET"],
    operation_id="list_events",
    parameters=_WINDOW,
    responses={
        (200, "application/json"): EVENTS,
        (200, _NDJSON): OpenApiTypes.STR,
    },
)
@ingest.APPEND_SCHEMA
@api_view(["GET", "POST"])
def events(request: Request, ref: str) -> HttpResponseBase:
    """Read a window of events in order of seq, or append a batch.

    As NDJSON with `Accept: application/x-ndjson` or `?as=ndjson`, and then without a limit; else
    JSON with `next`, the seq to go on from.
    """
    if request.method == "POST":
        return ingest.append(request, ref)
    trace = get_events_of_or_404(authed(request), ref)
    limit = read_limit(request, default=1000, highest=10_000)
    window = read_window(request)
    if _NDJSON in request.headers.get("Accept", "") or request.GET.get("as") == "ndjson":
        is_whole = set(window.values()) == {None}
        found = every_line(trace) if is_whole else lines(trace, **window)
        return file_response(_spooled(found), content_type=_NDJSON)
    page = first_lines(trace, limit + 1, **window)
    more = seq_of(page.pop()) if len(page) > limit else None
    stored = msgspec.Raw(b"[%b]" % b",".join(page))
    body = msgspec.json.encode({"events": stored, "next": more, "last_seq": trace.last_seq})
    return HttpResponse(body, content_type="application/json")


@extend_schema(operation_id="list_steps", responses=StepListSerializer)
@api_view(["GET"])
def steps(request: Request, ref: str) -> Response:
    """The step table."""
    trace = get_trace_or_404(authed(request), ref)
    return Response({"steps": [step_json(step) for step in trace.steps.all()]})


@extend_schema(operation_id="get_summary", responses={200: SUMMARY})
@api_view(["GET"])
def summary(request: Request, ref: str) -> Response:
    """summary.json; 409 not_ready until the run has ended and was processed."""
    trace = get_trace_or_404(authed(request), ref)
    if trace.processed is None:
        return Response(
            {"error": "not_ready", "message": "The trace is still being processed; ask again."},
            status=409,
        )
    head = {"id": str(trace.pk), "short_id": trace.short_id, "title": trace.title}
    return Response({**head, **trace.summary})


@extend_schema(operation_id="get_manifest", responses=ManifestSerializer)
@api_view(["GET"])
def manifest(request: Request, ref: str) -> Response:
    """manifest.json: the blobs with their size, sha256 and type."""
    trace = get_trace_or_404(authed(request), ref)
    return Response(trace.manifest or {"schema": 1, "blobs": []})


@extend_schema(operation_id="get_blob", responses={302: None, 404: ErrorSerializer})
@api_view(["GET"])
def blob(request: Request, ref: str, sha256: str) -> HttpResponseBase:
    """Redirect to a blob's content, by an address that is good for ten minutes."""
    trace = get_trace_or_404(authed(request), ref)
    require_thawed(trace)
    if not TraceBlob.objects.filter(trace=trace, blob_id=sha256).exists():
        raise Http404("No such blob.")
    return redirect("trace_app:signed_blob", sign(sha256))


@extend_schema(
    operation_id="export_trace",
    responses={(200, "application/zip"): OpenApiTypes.BINARY, 409: ErrorSerializer},
)
@api_view(["GET"])
def export(request: Request, ref: str) -> HttpResponseBase:
    """The trace as a bundle, redacted as it is kept; sending it again gives the same events."""
    trace = get_trace_or_404(authed(request), ref)
    if not trace.is_finished:
        return Response(
            {"error": "trace_running", "message": "A running trace is exported when it has ended."},
            status=409,
        )
    return file_response(
        export_bundle(trace),
        content_type="application/zip",
        filename=f"{trace.short_id}.trace-bundle.zip",
    )


@extend_schema(methods=["POST"], operation_id="pin_trace", request=None, responses=TraceSerializer)
@extend_schema(
    methods=["DELETE"],
    operation_id="unpin_trace",
    request=None,
    responses={200: TraceSerializer},
)
@api_view(["POST", "DELETE"])
def pinned(request: Request, ref: str) -> Response:
    """Pin a trace, or let it go; both may be repeated."""
    trace = get_trace_or_404(authed(request), ref, OPERATE)
    change = pin if request.method == "POST" else unpin
    change(by=authed(request).user, trace=trace)
    return Response(trace_json(trace))


@extend_schema(
    operation_id="thaw_trace",
    request=None,
    responses={200: TraceSerializer, 202: TraceSerializer},
)
@api_view(["POST"])
def thaw(request: Request, ref: str) -> Response:
    """Bring a cold trace back: 202 while a worker does, 200 when it is at hand; may be repeated."""
    trace = get_trace_or_404(authed(request), ref, OPERATE)
    under_way = request_thaw(by=authed(request).user, trace=trace)
    return Response(trace_json(trace), status=202 if under_way else 200)


@extend_schema(operation_id="health", responses=HealthSerializer, auth=[])
@api_view(["GET"])
@permission_classes([])
@authentication_classes([])
def health(request: Request) -> Response:
    """Say that the web process and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Response({"status": "ok"})


def _spooled(found: Iterable[bytes]) -> IO[bytes]:
    """The lines in a temporary file: a whole trace need not fit into memory."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    out.writelines(line + b"\n" for line in found)
    return out
