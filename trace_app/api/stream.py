"""A live trace as server-sent events for programs; the pages have a stream of their own."""

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET
from rest_framework.exceptions import AuthenticationFailed

from trace_app.api.authentication import authenticate_header
from trace_app.api.openapi import described
from trace_app.domain.states import TraceColdError
from trace_app.http import authed, trace_of_teams
from trace_app.permissions import VIEW, teams_with
from trace_app.queries.event_chunks import require_thawed
from trace_app.serializers.live_stream import Listener, event_stream


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
    try:
        listener = await sync_to_async(_authorise)(request, ref)
    except AuthenticationFailed as error:
        return JsonResponse({"error": "authentication_failed", "message": str(error)}, status=401)
    except PermissionDenied as error:
        return JsonResponse({"error": "not_authenticated", "message": str(error)}, status=401)
    except Http404 as error:
        return JsonResponse({"error": "not_found", "message": str(error)}, status=404)
    except TraceColdError as error:
        return JsonResponse({"error": error.code, "message": str(error)}, status=409)
    return event_stream(request, listener)


def _authorise(request: HttpRequest, ref: str) -> Listener:
    """Who listens to which trace. A stream must not hold a connection, so it is given back here."""
    try:
        found = authenticate_header(request.headers.get("Authorization", "").encode())
        user: Any = found[0] if found else authed(request).user
        if not user.is_authenticated:
            raise PermissionDenied("Sign in, or send an API key.")
        trace = trace_of_teams(teams_with(user, VIEW), ref)
        require_thawed(trace)
        return Listener(str(trace.pk), user)
    finally:
        connections.close_all()
