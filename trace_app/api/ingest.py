"""Sending: whole runs as zips, live runs in batches."""

from typing import Any

import msgspec
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from trace_app.actions import append as live
from trace_app.actions.idempotency import once
from trace_app.actions.ingest import ingest_upload
from trace_app.actions.intake import IngestError
from trace_app.api.access import appendable_trace, ingest_project, require_sender
from trace_app.api.bodies import body_length, read_ndjson, spool_body
from trace_app.api.parameters import read_text
from trace_app.domain.bundle import sha256_hex
from trace_app.domain.open_run import OpenRun
from trace_app.domain.states import TraceStatus
from trace_app.domain.strict_json import JsonError, read_json
from trace_app.http import authed
from trace_app.models import Trace
from trace_app.serializers.traces import (
    AppendedSerializer,
    ErrorSerializer,
    FinishSerializer,
    IngestedSerializer,
    OpenRunSerializer,
    notice,
    permalink,
)
from trace_app.storage.spool import spool_file

_REFUSED = {400: ErrorSerializer, 409: ErrorSerializer, 413: ErrorSerializer}
_PROJECT = OpenApiParameter("project", str, description="Slug; a team's only project is implied.")
_SOURCE = OpenApiParameter("source", str, description="In place of run.json's source.")
_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


@extend_schema(
    operation_id="ingest_trace",
    parameters=[_PROJECT, _SOURCE],
    request={"application/zip": OpenApiTypes.BINARY},
    responses={200: IngestedSerializer, 201: IngestedSerializer, **_REFUSED},
)
@api_view(["POST"])
def ingest(request: Request) -> Response:
    """Store a Playwright trace zip or a bundle; the same bytes again answer 200."""
    project = ingest_project(request, read_text(request, "project"))
    with spool_file(".zip", body_length(request)) as path:
        spool_body(request, path)
        trace, is_new = ingest_upload(
            by=authed(request).user,
            project=project,
            path=path,
            source=request.GET.get("source") or None,
        )
    return Response(_ingested(trace, is_new=is_new), status=201 if is_new else 200)


def open_trace(request: Request) -> Response:
    """Open a trace that takes batches of events until it is finished."""
    require_sender(request)
    body = _json_body(request)
    run = _decoded(body, OpenRun)
    slug = read_text(request, "project") or str(body.get("project") or "").replace("\x00", "")
    project = ingest_project(request, slug)

    def work() -> tuple[int, dict[str, Any]]:
        trace = live.open_trace(by=authed(request).user, project=project, run=run)
        return 201, _ingested(trace, is_new=True)

    status, answer = once(
        team=project.team,
        endpoint=f"open_trace {project.pk}",
        key=request.headers.get("Idempotency-Key", ""),
        request_sha256=sha256_hex(msgspec.json.encode(run)),
        work=work,
    )
    return Response(answer, status=status)


def append(request: Request, ref: str) -> Response:
    """Append a batch of NDJSON, exactly once; 409 seq_conflict says where to go on."""
    trace = appendable_trace(request, ref)
    stored = live.append(by=authed(request).user, trace=trace, body=read_ndjson(request))
    return Response({"last_seq": stored.last_seq, "accepted": stored.accepted})


@extend_schema(
    operation_id="finish_trace",
    request=FinishSerializer,
    responses={200: IngestedSerializer, **_REFUSED},
)
@api_view(["POST"])
def finish(request: Request, ref: str) -> Response:
    """End a live trace; its summary and signature follow within seconds."""
    trace = appendable_trace(request, ref)
    body = FinishSerializer(data=_json_body(request))
    body.is_valid(raise_exception=True)
    status = TraceStatus(body.validated_data["status"])
    live.finish(by=authed(request).user, trace=trace, status=status)
    return Response(_ingested(trace, is_new=False))


OPEN_SCHEMA = extend_schema(
    methods=["POST"],
    operation_id="open_trace",
    parameters=[_PROJECT, _KEY],
    request=OpenRunSerializer,
    responses={201: IngestedSerializer, **_REFUSED},
)
APPEND_SCHEMA = extend_schema(
    methods=["POST"],
    operation_id="append_events",
    request={"application/x-ndjson": OpenApiTypes.BINARY},
    responses={200: AppendedSerializer, **_REFUSED},
)


def _ingested(trace: Trace, *, is_new: bool) -> dict[str, Any]:
    return {
        "id": str(trace.pk),
        "short_id": trace.short_id,
        "status": trace.status,
        "url": permalink(trace),
        "created": is_new,
        "notice": notice(trace),
    }


def _json_body(request: Request) -> dict[str, Any]:
    """An object, whatever the content type says; empty for an empty body."""
    raw = read_ndjson(request)
    try:
        return _decoded(read_json(raw), dict) if raw.strip() else {}
    except JsonError as error:
        raise IngestError("bad_json", str(error)) from error


def _decoded(body: Any, type_: Any) -> Any:
    try:
        return msgspec.convert(body, type_)
    except msgspec.ValidationError as error:
        raise IngestError("bad_json", f"The body is not what is expected: {error}") from error
