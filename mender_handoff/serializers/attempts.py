"""Attempts as the API answers them, and what promote-fix may be sent."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from debugger.serializers.replays import EditsSerializer
from mender_handoff.domain.gates import Gate
from mender_handoff.domain.messages import (
    CLASSIFICATIONS,
    AttemptRequest,
    EvidenceItem,
    StageView,
)
from mender_handoff.models import MenderAttempt
from trace_app.models import Trace
from trace_app.serializers.typed import TypedField


class PromoteSerializer(serializers.Serializer[Any]):
    """Body of POST /v1/traces/{id}/promote-fix.

    What is left out comes from the replay and the trace.
    """

    replay_id = serializers.UUIDField(required=False, allow_null=True)
    edits = EditsSerializer(required=False, allow_null=True)
    classification = serializers.ChoiceField(choices=CLASSIFICATIONS, required=False)
    target_branch = serializers.CharField(required=False, max_length=250)
    accepted_regressions = serializers.ListField(
        child=serializers.CharField(max_length=1000), required=False, max_length=100
    )
    accept_weakened = serializers.BooleanField(default=False)


class AttemptTraceSerializer(serializers.Serializer[Any]):
    """A trace that an attempt rests on."""

    id = serializers.UUIDField()
    short_id = serializers.CharField()
    status = serializers.CharField()


class AttemptSerializer(serializers.Serializer[Any]):
    """An attempt; docs/explanation/attempt-states.md says what its states mean."""

    id = serializers.UUIDField()
    url = serializers.URLField()
    project = serializers.CharField()
    state = serializers.CharField()
    outcome = serializers.CharField()
    note = serializers.CharField()
    classification = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)
    analysis_line = serializers.CharField()
    analysis_markdown = serializers.CharField()
    evidence = TypedField(list[EvidenceItem])
    trace = AttemptTraceSerializer(allow_null=True)
    replay = serializers.UUIDField(allow_null=True)
    edits = EditsSerializer(allow_null=True)
    target_branch = serializers.CharField()
    branch = serializers.CharField()
    base_sha = serializers.CharField()
    head_sha = serializers.CharField()
    merge_sha = serializers.CharField()
    pr_number = serializers.IntegerField(allow_null=True)
    pr_url = serializers.URLField(allow_null=True)
    red_trace = AttemptTraceSerializer(allow_null=True)
    green_trace = AttemptTraceSerializer(allow_null=True)
    revalidation_trace = AttemptTraceSerializer(allow_null=True)
    stages = TypedField(list[StageView])
    promoted_by = serializers.CharField(allow_null=True)
    promoted_at = serializers.DateTimeField(allow_null=True)
    created = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class AttemptListSerializer(serializers.Serializer[Any]):
    """A page of attempts; `before` asks for the next one, null on the last."""

    attempts = AttemptSerializer(many=True)
    before = serializers.UUIDField(allow_null=True)


class PromotedSerializer(serializers.Serializer[Any]):
    """The attempt; `draft_payload` is what Guard would get, where a project has no Guard."""

    attempt = AttemptSerializer()
    draft_payload = TypedField(AttemptRequest, allow_null=True)


def gate_json(gate: Gate) -> dict[str, Any]:
    """A closed gate with its reason, and what would have to be accepted to open it."""
    return {"name": gate.name, "reason": gate.reason, "accepts": list(gate.accepts)}


def attempt_json(attempt: MenderAttempt) -> dict[str, Any]:
    """An attempt. Times are RFC 3339, traces are {id, short_id} or null."""
    return {
        "id": str(attempt.pk),
        "url": settings.TRACE_PUBLIC_URL + reverse("mender_handoff:attempt", args=[attempt.pk]),
        "project": attempt.project.slug,
        "state": attempt.state,
        "outcome": attempt.outcome,
        "note": attempt.state_note,
        "classification": attempt.classification,
        "confidence": attempt.confidence,
        "analysis_line": attempt.analysis_line,
        "analysis_markdown": attempt.analysis_markdown,
        "evidence": attempt.evidence,
        "trace": _trace(attempt.trace),
        "replay": str(attempt.replay_id) if attempt.replay_id else None,
        "edits": attempt.patch or None,
        "target_branch": attempt.target_branch,
        "branch": attempt.branch,
        "base_sha": attempt.base_sha,
        "head_sha": attempt.head_sha,
        "merge_sha": attempt.merge_sha,
        "pr_number": attempt.pr_number,
        "pr_url": attempt.pr_url or None,
        "red_trace": _trace(attempt.red_trace),
        "green_trace": _trace(attempt.green_trace),
        "revalidation_trace": _trace(attempt.revalidation_trace),
        "stages": attempt.stages,
        "promoted_by": attempt.promoted_by.get_username() if attempt.promoted_by else None,
        "promoted_at": _time(attempt.promoted_at),
        "created": _time(attempt.created),
        "ended_at": _time(attempt.ended_at),
    }


def _time(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def _trace(trace: Trace | None) -> dict[str, str] | None:
    if trace is None:
        return None
    return {"id": str(trace.pk), "short_id": trace.short_id, "status": trace.status}
