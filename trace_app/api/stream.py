"""A live trace as server-sent events: goes on from the last seq the reader has, without gaps."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_GET
from rest_framework.exceptions import AuthenticationFailed

from trace_app.actions.processing import CHANNEL
from trace_app.api.authentication import authenticate_header
from trace_app.api.openapi import described
from trace_app.clients.notices import Hub
from trace_app.domain.states import TraceColdError
from trace_app.http import authed, trace_of_teams
from trace_app.models import Trace
from trace_app.permissions import VIEW, teams_with
from trace_app.queries.events import first_events, require_thawed

BEAT_SECONDS: Final = 15.0
_BATCH: Final = 500
_hub: Final = Hub(CHANNEL)


@described(
    "get",
    "/v1/traces/{ref}/stream",
    {
        "operationId": "stream_trace",
        "description": "Server-sent events: `events` (a list; its id is a seq), `state`, `end`.",
        "parameters": [
            {"name": "ref", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "after", "in": "query", "schema": {"type": "integer"}},
            {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer"}},
        ],
        "security": [{"apiKey": []}, {"session": []}],
        "responses": {
            "200": {
                "description": "Goes on until the trace has ended and was processed",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
        "tags": ["traces"],
    },
)
@login_not_required
@require_GET
async def stream(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Send `events` (JSON list, id = last seq) and `state`; `end` when nothing more will come."""
    after = _after(request)
    try:
        trace_id = await sync_to_async(_authorise)(request, ref)
    except AuthenticationFailed as error:
        return JsonResponse({"error": "authentication_failed", "message": str(error)}, status=401)
    except PermissionDenied as error:
        return JsonResponse({"error": "not_authenticated", "message": str(error)}, status=401)
    except Http404 as error:
        return JsonResponse({"error": "not_found", "message": str(error)}, status=404)
    except TraceColdError as error:
        return JsonResponse({"error": error.code, "message": str(error)}, status=409)
    return StreamingHttpResponse(
        _messages(trace_id, after),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _after(request: HttpRequest) -> int:
    """The last seq the reader holds: its Last-Event-ID when it reconnects, else ?after=."""
    text = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 17 else 0


def _authorise(request: HttpRequest, ref: str) -> str:
    """The trace's id. A stream must not hold a connection, so it is given back here."""
    try:
        found = authenticate_header(request.headers.get("Authorization", "").encode())
        user: Any = found[0] if found else authed(request).user
        if not user.is_authenticated:
            raise PermissionDenied("Sign in, or send an API key.")
        trace = trace_of_teams(teams_with(user, VIEW), ref)
        require_thawed(trace)
        return str(trace.pk)
    finally:
        connections.close_all()


async def _messages(trace_id: str, after: int) -> AsyncIterator[bytes]:
    state = b""
    async with _hub.listening(trace_id) as heard:
        while True:
            heard.clear()
            batch, now, ended = await _look(trace_id, after)
            if batch:
                after = batch[-1].seq
                yield _message("events", msgspec.json.encode(batch), after)
                if len(batch) == _BATCH:
                    continue
            if now != state:
                state = now
                yield _message("state", state, after)
            if ended:
                yield _message("end", b"{}", after)
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), BEAT_SECONDS)
                continue
            yield b": still here\n\n"


@sync_to_async(thread_sensitive=False)
def _look(trace_id: str, after: int) -> tuple[list[Any], bytes, bool]:
    """Events above `after`, the trace's state, and whether it will change no more."""
    try:
        trace = Trace.objects.filter(pk=trace_id).first()
        if trace is None:
            return [], b"{}", True
        unread = trace.last_seq > after
        batch = first_events(trace, _BATCH, seq_from=after + 1) if unread else []
        state = {
            "status": trace.status,
            "last_seq": trace.last_seq,
            "events": trace.event_count,
            "errors": trace.error_count,
            "duration_ms": trace.duration_ms,
            "processed": trace.processed is not None,
        }
        ended = trace.processed is not None and len(batch) < _BATCH
        return batch, msgspec.json.encode(state), ended
    finally:
        connections.close_all()


def _message(name: str, data: bytes, last_seq: int) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), last_seq, data)
