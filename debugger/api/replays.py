"""Replays and differences under /v1/."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from debugger.actions.replays import ReplayRefusedError, cancel_replay, request_replay
from debugger.domain.edits import EditError
from debugger.domain.replay_states import ReplayMode
from debugger.http import get_replay_or_404
from debugger.queries.comparisons import compare
from debugger.serializers.replays import (
    IDEMPOTENCY_KEY,
    DiffSerializer,
    ReplayRequestSerializer,
    ReplaySerializer,
    edits_of,
    replay_json,
)
from trace_app.http import authed, get_trace_or_404
from trace_app.permissions import OPERATE


@extend_schema(
    operation_id="start_replay",
    request=ReplayRequestSerializer,
    parameters=[IDEMPOTENCY_KEY],
    responses={202: ReplaySerializer},
)
@api_view(["POST"])
def start(request: Request, ref: str) -> Response:
    """Queue a replay of a trace from a step, with edits; refused edits answer 422 with reasons."""
    trace = get_trace_or_404(authed(request), ref, OPERATE)
    body = ReplayRequestSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    asked: dict[str, Any] = body.validated_data
    try:
        replay = request_replay(
            by=authed(request).user,
            trace=trace,
            from_step=asked["from_step"],
            edits=edits_of(request.data),
            mode=ReplayMode(asked["mode"]) if "mode" in asked else None,
            repeat=asked["repeat"],
            idempotency_key=request.headers.get("Idempotency-Key", "")[:200],
            acknowledged_setup=asked["acknowledged_setup"],
        )
    except EditError as error:
        return Response({"error": "bad_edits", "message": str(error)}, status=422)
    except ReplayRefusedError as error:
        return _refused(error)
    return Response(replay_json(replay), status=202)


@extend_schema(operation_id="get_replay", responses=ReplaySerializer)
@api_view(["GET"])
def show(request: Request, replay_id: UUID) -> Response:
    """Answer a replay: status, progress, runs with their traces, and the difference."""
    return Response(replay_json(get_replay_or_404(authed(request), replay_id)))


@extend_schema(operation_id="cancel_replay", request=None, responses={202: ReplaySerializer})
@api_view(["POST"])
def cancel(request: Request, replay_id: UUID) -> Response:
    """Call a replay off; canceling an ended one changes nothing."""
    replay = get_replay_or_404(authed(request), replay_id, OPERATE)
    cancel_replay(by=authed(request).user, replay=replay)
    replay.refresh_from_db()
    return Response(replay_json(replay), status=202)


@extend_schema(operation_id="diff_traces", responses=DiffSerializer)
@api_view(["GET"])
def diff(request: Request, a: str, b: str) -> Response:
    """Answer what differs between two traces, and what became worse in the second."""
    before = get_trace_or_404(authed(request), a)
    after = get_trace_or_404(authed(request), b)
    return Response(compare(before, after).diff.to_json())


def _refused(error: ReplayRefusedError) -> Response:
    body = {"error": error.code, "message": error.message, "reasons": list(error.reasons)}
    return Response(body, status=error.status)
