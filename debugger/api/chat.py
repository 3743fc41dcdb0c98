"""The Debugger's conversation under /v1/."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import api_view
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from debugger.actions.chat import DecisionError, QuestionError, decide
from debugger.actions.replays import ReplayRefusedError
from debugger.queries.conversation import find_action, messages_of
from debugger.serializers.chat import (
    ActionSerializer,
    ConversationSerializer,
    DecisionSerializer,
    MessageSerializer,
    QuestionSerializer,
    action_json,
    message_json,
)
from debugger.serializers.replays import IDEMPOTENCY_KEY
from debugger.tools import conversation
from debugger.tools.engine import EngineError
from trace_app.actions.idempotency import earlier, once
from trace_app.http import AuthedRequest, authed, get_trace_or_404, require
from trace_app.models import Trace
from trace_app.permissions import OPERATE, VIEW, teams_with
from trace_app.serializers.traces import ErrorSerializer

_STATUS = {"forbidden": 403, "already_decided": 409, "expired": 410, "changed": 409}


@extend_schema(
    methods=["GET"], operation_id="list_debugger_messages", responses=ConversationSerializer
)
@extend_schema(
    methods=["POST"],
    operation_id="ask_debugger",
    request=QuestionSerializer,
    parameters=[IDEMPOTENCY_KEY],
    responses={201: MessageSerializer, 502: OpenApiResponse(ErrorSerializer, "The engine failed")},
)
@api_view(["GET", "POST"])
def messages(request: Request, ref: str) -> Response:
    """Answer the conversation of a trace with its summary, or a new question."""
    if request.method == "POST":
        return _ask(request, ref)
    trace = get_trace_or_404(authed(request), ref)
    found = [message_json(message) for message in messages_of(trace)]
    return Response({"trace": trace.short_id, "summary": _summary(trace), "messages": found})


def _summary(trace: Trace) -> dict[str, Any] | None:
    """The forensic summary; the conversation can be read where the engine fails to make one."""
    try:
        opening = conversation.opening(trace) if trace.is_finished else None
    except EngineError:
        return None
    return {"text": opening.text, "cited": opening.cited} if opening else None


def _ask(request: Request, ref: str) -> Response:
    trace = get_trace_or_404(authed(request), ref, OPERATE)
    body = QuestionSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    text = body.validated_data["text"]
    asked: dict[str, Any] = {
        "team": trace.project.team,
        "endpoint": f"debugger messages {trace.pk}",
        "key": request.headers.get("Idempotency-Key", ""),
        "request_sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    }
    try:
        status, answer = earlier(**asked) or _answer(authed(request), trace, text, asked)
    except QuestionError as error:
        return Response({"error": "bad_question", "message": str(error)}, status=400)
    except EngineError as error:
        return Response({"error": "engine_failed", "message": str(error)}, status=502)
    return Response(answer, status=status)


def _answer(
    request: AuthedRequest, trace: Trace, text: str, asked: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    # Thought out before the transaction: the source may have to be fetched.
    answered = conversation.answer(trace, text)

    def work() -> tuple[int, dict[str, Any]]:
        kept = conversation.keep(by=request.user, trace=trace, answered=answered)
        # Through JSON once, so that a repeated answer has the same types as the first.
        return 201, json.loads(JSONRenderer().render(message_json(kept)))

    return once(**asked, work=work)


@extend_schema(
    operation_id="decide_debugger_action",
    request=DecisionSerializer,
    responses={200: ActionSerializer},
)
@api_view(["POST"])
def decide_action(request: Request, call_id: UUID) -> Response:
    """Confirm or decline what the Debugger proposed; it can be decided once."""
    found = find_action(teams_with(authed(request).user, VIEW), call_id)
    if found is None:
        raise Http404("No such proposal.")
    require(authed(request), OPERATE, found.trace.project.team)
    person = request.user
    if not isinstance(person, User):
        raise PermissionDenied("A person decides this; a key may only ask.")
    body = DecisionSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    confirm = body.validated_data["decision"] == "confirm"
    try:
        decided = decide(by=person, call_id=call_id, confirm=confirm)
    except DecisionError as error:
        answer = {"error": error.code, "message": error.message}
        return Response(answer, status=_STATUS[error.code])
    except ReplayRefusedError as error:
        refused = {"error": error.code, "message": error.message, "reasons": list(error.reasons)}
        return Response(refused, status=error.status)
    return Response(action_json(decided))
