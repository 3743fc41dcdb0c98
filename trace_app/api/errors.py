"""Every refusal of the API in one shape: {"error": machine code, "message": what to do, …}."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from trace_app.actions.append import SeqConflict
from trace_app.actions.idempotency import IdempotencyError
from trace_app.actions.intake import IngestError
from trace_app.domain.events import EventError
from trace_app.domain.states import TraceColdError

_TOO_LARGE = frozenset({"too_many_events", "too_many_calls"})


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None leaves an unknown error to become a 500."""
    if isinstance(error, IngestError):
        return Response(_ingest(error), status=error.status)
    if isinstance(error, EventError):
        body = {"error": error.code, "message": error.message, "line": error.line}
        return Response(body, status=413 if error.code in _TOO_LARGE else 400)
    if isinstance(error, IdempotencyError | TraceColdError):
        return Response({"error": error.code, "message": str(error)}, status=409)
    if isinstance(error, UnreadablePostError):
        return Response({"error": "broken_off", "message": "The body ended early."}, status=400)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _body(error, response)
    return response


def _ingest(error: IngestError) -> dict[str, Any]:
    body: dict[str, Any] = {"error": error.code, "message": error.message}
    if error.member:
        body["member"] = error.member
    if error.line:
        body["line"] = error.line
    if isinstance(error, SeqConflict):
        body["last_seq"] = error.last_seq
    return body


def _body(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, Http404 | exceptions.NotFound):
        return {"error": "not_found", "message": str(error) or "No such object."}
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return {"error": "forbidden", "message": str(error) or "Your role does not allow this."}
    if isinstance(error, exceptions.ValidationError):
        return {
            "error": "invalid",
            "message": "Correct the named fields and send it again.",
            "fields": response.data,
        }
    detail = getattr(error, "detail", "")
    code = getattr(detail, "code", "") or getattr(error, "default_code", "error")
    return {"error": str(code), "message": str(detail)}
