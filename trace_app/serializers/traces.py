"""The JSON of traces and steps as the API answers them, and its description for OpenAPI."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from trace_app.domain.wording import unread_notice
from trace_app.models import Step, Trace
from trace_app.queries.listed import AnyTrace


class SignatureSerializer(serializers.Serializer[Any]):
    """A failure signature."""

    slug = serializers.CharField()
    hash = serializers.CharField()


class TraceSerializer(serializers.Serializer[Any]):
    """A trace in a list or on its own; `trace_json` makes it."""

    id = serializers.UUIDField()
    short_id = serializers.CharField()
    project = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    origin = serializers.CharField()
    tier = serializers.CharField()
    scenario = serializers.CharField()
    test = serializers.CharField()
    branch = serializers.CharField()
    pr = serializers.IntegerField(allow_null=True)
    sha = serializers.CharField()
    author = serializers.CharField()
    check_id = serializers.CharField()
    created = serializers.DateTimeField()
    started = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.FloatField()
    last_seq = serializers.IntegerField()
    events = serializers.IntegerField()
    failing_step = serializers.IntegerField(allow_null=True)
    failing_seq = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    signature = SignatureSerializer(allow_null=True)
    pinned = serializers.BooleanField()
    processed = serializers.BooleanField()
    viewable_ms = serializers.FloatField(allow_null=True)
    thawing = serializers.BooleanField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    url = serializers.URLField()


class TraceListSerializer(serializers.Serializer[Any]):
    """One page of traces; `next` is the cursor of the page after it, "" on the last."""

    traces = TraceSerializer(many=True)
    next = serializers.CharField()


class IngestedSerializer(serializers.Serializer[Any]):
    """What an upload became."""

    id = serializers.UUIDField()
    short_id = serializers.CharField()
    status = serializers.CharField()
    url = serializers.URLField()
    created = serializers.BooleanField()
    notice = serializers.CharField(help_text="What to know about it; mostly empty")


class AppendedSerializer(serializers.Serializer[Any]):
    """What a batch came to."""

    last_seq = serializers.IntegerField()
    accepted = serializers.IntegerField()


class StepSerializer(serializers.Serializer[Any]):
    """A step; times are milliseconds since the run began."""

    no = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField()
    status = serializers.CharField()
    started_ms = serializers.FloatField(allow_null=True)
    ended_ms = serializers.FloatField(allow_null=True)
    seq_first = serializers.IntegerField(allow_null=True)
    seq_last = serializers.IntegerField(allow_null=True)
    failing_seq = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    depth = serializers.IntegerField()


class StepListSerializer(serializers.Serializer[Any]):
    """The step table."""

    steps = StepSerializer(many=True)


class ManifestBlobSerializer(serializers.Serializer[Any]):
    """A file of the trace; `size` in bytes."""

    name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    type = serializers.CharField()


class ManifestSerializer(serializers.Serializer[Any]):
    """manifest.json."""

    schema = serializers.IntegerField()
    blobs = ManifestBlobSerializer(many=True)


class HealthSerializer(serializers.Serializer[Any]):
    """The web process and its database answer."""

    status = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Every refusal; the parts beside `error` and `message` where they apply."""

    error = serializers.CharField(help_text="For programs; never changes its meaning")
    message = serializers.CharField(help_text="For people: what to do")
    line = serializers.IntegerField(required=False, help_text="Of the body or the member")
    member = serializers.CharField(required=False, help_text="Of the zip")
    last_seq = serializers.IntegerField(required=False, help_text="Where an append goes on")
    fields = serializers.DictField(required=False, help_text="Parameter → what is wrong")  # type: ignore[assignment]
    reasons = serializers.ListField(required=False, help_text="Why a replay is refused")
    gates = serializers.ListField(required=False, help_text="Closed gates with their reasons")
    trace = serializers.CharField(required=False, help_text="The trace that is meant")


class ScenarioSerializer(serializers.Serializer[Any]):
    """The scenario of a run."""

    slug = serializers.CharField()
    id = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    path = serializers.CharField(required=False)


class OpenRunSerializer(serializers.Serializer[Any]):
    """Body of POST /v1/traces; every field is optional."""

    project = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    scenario = ScenarioSerializer(required=False)
    sha = serializers.CharField(required=False)
    branch = serializers.CharField(required=False)
    pr = serializers.IntegerField(required=False)
    source = serializers.CharField(required=False)  # type: ignore[assignment]
    check_id = serializers.CharField(required=False)
    started_at = serializers.DateTimeField(required=False)
    author = serializers.CharField(required=False)


class FinishSerializer(serializers.Serializer[Any]):
    """Body of POST /v1/traces/{id}/finish."""

    status = serializers.ChoiceField(choices=["passed", "failed", "error", "aborted"])


def trace_json(trace: AnyTrace) -> dict[str, Any]:
    """A trace; its project, signature and parent should be selected with it."""
    signature = trace.signature
    return {
        "id": str(trace.pk),
        "short_id": trace.short_id,
        "project": trace.project.slug,
        "title": trace.title,
        "status": trace.status,
        "source": trace.source,
        "origin": trace.origin,
        "tier": trace.tier,
        "scenario": trace.scenario_slug,
        "test": trace.test_id,
        "branch": trace.branch,
        "pr": trace.pr_number,
        "sha": trace.code_sha,
        "author": trace.author,
        "check_id": trace.check_id,
        "created": trace.created,
        "started": trace.started,
        "duration_ms": trace.duration_ms,
        "last_seq": trace.last_seq,
        "events": trace.event_count,
        "failing_step": trace.failing_step,
        "failing_seq": trace.failing_seq,
        "error": trace.error_line,
        "signature": {"slug": signature.slug, "hash": signature.hash} if signature else None,
        "pinned": trace.pinned is not None,
        "processed": trace.processed is not None,
        "viewable_ms": trace.viewable_ms,
        "thawing": trace.thaw_requested is not None,
        "parent": trace.parent.short_id if trace.parent else None,
        "url": permalink(trace),
    }


def step_json(step: Step) -> dict[str, Any]:
    """A step; times are milliseconds since the run began."""
    return {
        "no": step.number,
        "title": step.title,
        "text": step.text,
        "status": step.status,
        "started_ms": step.started_ms,
        "ended_ms": step.ended_ms,
        "seq_first": step.seq_first,
        "seq_last": step.seq_last,
        "failing_seq": step.failing_seq,
        "error": step.error,
        "line": step.line,
        "depth": step.depth,
    }


def notice(trace: Trace) -> str:
    """What whoever sent the trace should know; "" where all is well."""
    kept = trace.runner.get("unread")
    return unread_notice(kept) if isinstance(kept, int) else ""


def permalink(trace: AnyTrace) -> str:
    """Where a person opens the trace."""
    return f"{settings.TRACE_PUBLIC_URL}{reverse('trace_app:trace', args=[trace.short_id])}"
