"""The JSON of replays: what a request may hold, and how a replay is answered."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from debugger.domain.edits import Edits
from debugger.domain.replay_states import ENDED, ReplayMode
from debugger.models import Replay
from trace_app.domain.diff.model import Dimension, Regression
from trace_app.serializers.typed import TypedField

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="The same key starts once."
)


class SourceDiffSerializer(serializers.Serializer[Any]):
    """One file's unified diff."""

    path = serializers.CharField()
    diff = serializers.CharField(allow_blank=True, trim_whitespace=False)


class EditsSerializer(serializers.Serializer[Any]):
    """The edits contract; `Edits.from_json` checks it."""

    scenario_diff = serializers.CharField(
        allow_null=True, required=False, allow_blank=True, trim_whitespace=False
    )
    source_diffs = SourceDiffSerializer(many=True, required=False)


class ReplayRequestSerializer(serializers.Serializer[Any]):
    """Body of POST /v1/traces/{id}/replays."""

    from_step = serializers.IntegerField(min_value=1)
    edits = EditsSerializer(required=False)
    mode = serializers.ChoiceField(choices=[mode.value for mode in ReplayMode], required=False)
    repeat = serializers.IntegerField(min_value=1, max_value=10, default=1)
    acknowledged_setup = serializers.BooleanField(default=False)


class TraceRefSerializer(serializers.Serializer[Any]):
    """A trace by its names."""

    id = serializers.UUIDField()
    short_id = serializers.CharField()


class ReplayRunSerializer(serializers.Serializer[Any]):
    """One run of a replay; `trace` is null until it has been recorded."""

    number = serializers.IntegerField()
    status = serializers.CharField()
    verdicts = serializers.DictField(
        child=serializers.CharField(), help_text="Step number → verdict"
    )
    trace = TraceRefSerializer(allow_null=True)


class DiffSerializer(serializers.Serializer[Any]):
    """What differs between two traces; docs/reference/diff.md."""

    schema = serializers.IntegerField()
    a = serializers.CharField()
    b = serializers.CharField()
    sentence = serializers.CharField()
    first_step = serializers.IntegerField()
    identical = serializers.BooleanField()
    dimensions = TypedField(dict[str, Dimension])
    new_regressions = TypedField(tuple[Regression, ...])


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a replay is; nothing is known before it starts."""

    phase = serializers.CharField(required=False)
    step = serializers.IntegerField(required=False, allow_null=True)
    of = serializers.IntegerField(required=False, allow_null=True)
    run = serializers.IntegerField(required=False, allow_null=True)


class ReplaySerializer(serializers.Serializer[Any]):
    """A replay; docs/reference/replay.md says what each field means."""

    id = serializers.UUIDField()
    trace = TraceRefSerializer()
    from_step = serializers.IntegerField()
    edits = EditsSerializer()
    mode = serializers.CharField()
    mode_reason = serializers.CharField()
    repeat = serializers.IntegerField()
    status = serializers.CharField()
    ended = serializers.BooleanField()
    progress = ProgressSerializer()
    message = serializers.CharField()
    log_tail = serializers.CharField()
    sandbox_level = serializers.CharField()
    ran_blobs = serializers.DictField(
        child=serializers.CharField(), help_text="Path → blob that really ran"
    )
    changed_before = serializers.ListField(child=serializers.CharField())
    diff = DiffSerializer(allow_null=True)
    runs = ReplayRunSerializer(many=True)
    created = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField()


def edits_of(body: object) -> Edits:
    """The edits of the raw body: reshaping by the serializer would hide unknown keys.

    Raises EditError.
    """
    return Edits.from_json(body.get("edits") if isinstance(body, dict) else None)


def replay_json(replay: Replay) -> dict[str, Any]:
    """A replay as the API answers it. Times are RFC 3339."""
    return {
        "id": str(replay.pk),
        "trace": {"id": str(replay.trace_id), "short_id": replay.trace.short_id},
        "from_step": replay.from_step,
        "edits": replay.edits,
        "mode": replay.mode,
        "mode_reason": replay.mode_reason,
        "repeat": replay.repeat,
        "status": replay.status,
        "ended": replay.status in ENDED,
        "progress": replay.progress,
        "message": replay.message,
        "log_tail": replay.log_tail,
        "sandbox_level": replay.sandbox_level,
        "ran_blobs": replay.ran_blobs,
        "changed_before": replay.changed_before,
        "diff": replay.diff or None,
        "runs": _runs(replay),
        "created": replay.created.isoformat(),
        "ended_at": replay.ended.isoformat() if replay.ended else None,
        "url": f"/replays/{replay.pk}",
    }


def _runs(replay: Replay) -> list[dict[str, Any]]:
    runs = replay.runs.select_related("trace").order_by("number")
    return [
        {
            "number": run.number,
            "status": run.status,
            "verdicts": run.verdicts,
            "trace": {"id": str(run.trace.pk), "short_id": run.trace.short_id}
            if run.trace
            else None,
        }
        for run in runs
    ]
