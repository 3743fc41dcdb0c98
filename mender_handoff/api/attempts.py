"""Promote and attempts under /v1/. The work is promote_fix's, which the window calls too."""

from typing import Any
from uuid import UUID

import msgspec
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from debugger.domain.edits import EditError, Edits
from debugger.models import Replay
from mender_handoff.actions.promotion import GatesClosedError, dismiss, promote_fix
from mender_handoff.domain.attempt_states import TransitionError
from mender_handoff.forms import promotion as forms
from mender_handoff.http import get_attempt_or_404
from mender_handoff.queries import attempts as queries
from mender_handoff.serializers.attempts import (
    AttemptListSerializer,
    AttemptSerializer,
    PromotedSerializer,
    PromoteSerializer,
    attempt_json,
    gate_json,
)
from trace_app.actions.idempotency import IdempotencyError, once
from trace_app.domain.bundle import sha256_hex
from trace_app.http import authed, get_trace_or_404, page_start
from trace_app.models import Trace
from trace_app.permissions import PROMOTE, VIEW, teams_with


@extend_schema(
    operation_id="promote_fix",
    request=PromoteSerializer,
    parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
    responses={200: PromotedSerializer, 202: PromotedSerializer},
)
@api_view(["POST"])
def promote(request: Request, ref: str) -> Response:
    """Hand a fix to Mender.

    202 with the attempt, 200 with a draft payload where Guard is missing.
    """
    trace = get_trace_or_404(authed(request), ref, PROMOTE)
    body = PromoteSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    try:
        status, answer = once(
            team=trace.project.team,
            endpoint=f"promote_fix {trace.pk}",
            key=request.headers.get("Idempotency-Key", ""),
            request_sha256=sha256_hex(msgspec.json.encode(request.data, order="sorted")),
            work=lambda: _promote(request, trace, body.validated_data),
        )
    except EditError as error:
        return Response({"error": "bad_edits", "message": str(error)}, status=422)
    except GatesClosedError as error:
        return _shut(trace, error)
    except IdempotencyError as error:
        return Response({"error": error.code, "message": str(error)}, status=409)
    return Response(answer, status=status)


def _promote(request: Request, trace: Trace, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    named = asked.get("replay_id")
    replay = forms.find_replay(trace, str(named)) if named else None
    suggested = forms.fresh(trace, replay)
    done = promote_fix(
        by=authed(request).user,
        trace=trace,
        replay=replay,
        edits=_edits(request.data, replay),
        classification=asked.get("classification", suggested.classification),
        target_branch=asked.get("target_branch", suggested.target_branch),
        accepted_regressions=asked.get("accepted_regressions", ()),
        accept_weakened=asked["accept_weakened"],
    )
    answer = {"attempt": attempt_json(done.attempt), "draft_payload": done.draft_payload}
    return (200 if done.draft_payload else 202), answer


def _edits(data: object, replay: Replay | None) -> Edits:
    """The raw body's edits: reshaping by the serializer would hide unknown keys."""
    given = data.get("edits") if isinstance(data, dict) else None
    if given is None and replay is not None:
        return Edits.from_json(replay.edits)
    return Edits.from_json(given)


def _shut(trace: Trace, error: GatesClosedError) -> Response:
    shut = [gate_json(gate) for gate in error.gates]
    body = {"error": "gates_closed", "message": str(error), "gates": shut, "trace": trace.short_id}
    return Response(body, status=409)


@extend_schema(
    operation_id="list_mender_attempts",
    parameters=[
        OpenApiParameter("view", str, enum=["open", "ended"]),
        OpenApiParameter("before", str, description="`before` of the page before"),
    ],
    responses=AttemptListSerializer,
)
@api_view(["GET"])
def attempt_list(request: Request) -> Response:
    """Newest first; ?view=open or ended, ?before=<id> for the next page."""
    query = request.query_params
    teams = teams_with(authed(request).user, VIEW)
    rows = queries.listed(teams, query.get("view", ""), page_start(authed(request)))
    more = str(rows[queries.PAGE - 1].pk) if len(rows) > queries.PAGE else None
    found = [attempt_json(row) for row in rows[: queries.PAGE]]
    return Response({"attempts": found, "before": more})


@extend_schema(operation_id="get_mender_attempt", responses=AttemptSerializer)
@api_view(["GET"])
def attempt(request: Request, pk: UUID) -> Response:
    """One attempt."""
    return Response(attempt_json(get_attempt_or_404(authed(request), pk)))


@extend_schema(operation_id="dismiss_mender_attempt", request=None, responses=AttemptSerializer)
@api_view(["POST"])
def dismiss_one(request: Request, pk: UUID) -> Response:
    """Say no to a suggestion; 409 once Mender is at work on it."""
    row = get_attempt_or_404(authed(request), pk, PROMOTE)
    try:
        dismiss(by=authed(request).user, attempt=row)
    except TransitionError as error:
        return Response({"error": "wrong_state", "message": str(error)}, status=409)
    return Response(attempt_json(row))
