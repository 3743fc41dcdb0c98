"""Traces, the signatures that cluster them, and their steps. Events live in `events.py`."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from trace_app.domain.states import FINISHED, QUIET_SOURCES, Tier, TraceOrigin, TraceSource
from trace_app.domain.states import TraceStatus as Status
from trace_app.models.identifiers import new_short_id, new_uuid
from trace_app.models.project import Project

# Sorted: PostgreSQL uses a partial index only where the query says its condition letter by letter.
LOUD = ~models.Q(source__in=sorted(source.value for source in QUIET_SOURCES))
FAILED_LOUDLY = models.Q(status=Status.FAILED.value) & LOUD
AWAITING_PROMOTE = models.Q(mender_state__in=("suggested", "draft", "needs_edit"))


def _choices(words: type[Status | TraceSource | TraceOrigin | Tier]) -> list[tuple[str, str]]:
    return [(word.value, word.value.replace("_", " ")) for word in words]


def _list_indexes() -> list[models.Index]:
    """One for each filter and view of the list that may be rare, in the list's order."""
    newest = ("-created", "-id")
    columns = {"scenario": "scenario_slug", "branch": "branch", "author": "author"}
    rare = {
        "pr": (("project", "pr_number", *newest), models.Q(pr_number__isnull=False)),
        "pinned": (("project", *newest), models.Q(pinned__isnull=False)),
        "awaiting": (("project", *newest), AWAITING_PROMOTE),
    }
    return [
        *(
            models.Index(fields=("project", column, *newest), name=f"trace_list_{name}")
            for name, column in (*columns.items(), ("status", "status"))
        ),
        *(
            models.Index(fields=fields, condition=condition, name=f"trace_list_{name}")
            for name, (fields, condition) in rare.items()
        ),
        models.Index(fields=("code_sha",), opclasses=("varchar_pattern_ops",), name="trace_by_sha"),
    ]


class Signature(models.Model):
    """A failure signature of a project; traces with the same hash are one cluster."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="signatures")
    hash = models.CharField(max_length=64)
    slug = models.CharField(max_length=120)
    version = models.PositiveSmallIntegerField(default=1)
    parts = models.JSONField(default=dict)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    fixed_sha = models.CharField(max_length=64, blank=True)
    fixed_at = models.DateTimeField(null=True)
    fixed_by = models.CharField(max_length=120, blank=True, help_text="The merge, e.g. #4522")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("project", "hash"), name="one_row_per_signature"),
        ]
        indexes: ClassVar = [models.Index(fields=("project", "-last_seen"), name="signature_seen")]

    def __str__(self) -> str:
        return self.slug


class Trace(models.Model):
    """The record of one run of one scenario or test."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    short_id = models.CharField(max_length=9, unique=True, default=new_short_id)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="traces")
    title = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=_choices(Status))
    source = models.CharField(max_length=20, choices=_choices(TraceSource))
    origin = models.CharField(max_length=10, choices=_choices(TraceOrigin))
    tier = models.CharField(max_length=5, choices=_choices(Tier), default=Tier.HOT)

    scenario_slug = models.CharField(max_length=200, blank=True)
    scenario_id = models.CharField(max_length=64, blank=True)
    scenario_path = models.CharField(max_length=400, blank=True)
    test_id = models.CharField(max_length=500, blank=True)
    branch = models.CharField(max_length=250, blank=True)
    pr_number = models.PositiveIntegerField(null=True)
    code_sha = models.CharField(max_length=64, blank=True)
    author = models.CharField(max_length=200, blank=True)
    check_id = models.CharField(max_length=64, blank=True)
    check_url = models.URLField(max_length=500, blank=True)
    runner = models.JSONField(default=dict, help_text="name, version, sandbox level")

    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    last_batch = models.DateTimeField(null=True)
    duration_ms = models.FloatField(default=0)

    last_seq = models.BigIntegerField(default=0)
    event_count = models.BigIntegerField(default=0)
    error_count = models.IntegerField(default=0)
    failing_step = models.PositiveIntegerField(null=True)
    failing_seq = models.BigIntegerField(null=True)
    error_line = models.CharField(max_length=1000, blank=True)
    signature = models.ForeignKey(
        Signature, on_delete=models.SET_NULL, null=True, related_name="traces"
    )

    pinned = models.DateTimeField(null=True)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    thaw_requested = models.DateTimeField(null=True)
    thaw_error = models.CharField(max_length=300, blank=True)
    thawed = models.DateTimeField(null=True)
    mender_state = models.CharField(max_length=20, blank=True)
    mender_confidence = models.FloatField(null=True)
    mender_class = models.CharField(max_length=20, blank=True)

    upload_sha256 = models.CharField(max_length=64, blank=True)
    importer_version = models.PositiveSmallIntegerField(default=1)
    sealed_bytes = models.BigIntegerField(
        default=0, help_text="The restore capsule, or an upload kept unread, as it lies encrypted"
    )
    playwright_zip = models.CharField(max_length=64, blank=True, help_text="Blob's sha256")
    processed = models.DateTimeField(null=True, help_text="Summary, signature and index are made")
    process_attempts = models.PositiveSmallIntegerField(default=0)
    viewable_ms = models.FloatField(null=True, help_text="From its last byte to the whole record")
    summary = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    search = SearchVectorField(null=True)

    class Meta:
        ordering = ("-created", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("project", "upload_sha256"),
                condition=~models.Q(upload_sha256=""),
                name="one_trace_per_upload",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("project", "-created", "-id"), name="trace_list"),
            models.Index(
                fields=("project", "-created", "-id"),
                include=("signature",),
                condition=FAILED_LOUDLY,
                name="trace_failed_list",
            ),
            models.Index(
                fields=("signature", "-created"), condition=FAILED_LOUDLY, name="trace_cluster"
            ),
            *_list_indexes(),
            models.Index(fields=("project", "check_id"), name="trace_by_check"),
            models.Index(
                fields=("status",),
                condition=models.Q(processed__isnull=True),
                name="trace_unprocessed",
            ),
            models.Index(
                fields=("thaw_requested",),
                condition=models.Q(thaw_requested__isnull=False),
                name="trace_thawing",
            ),
            # What the retention sweep asks: the oldest of one tier.
            models.Index(
                fields=("tier", "project", "created"),
                condition=models.Q(pinned__isnull=True),
                name="trace_aging",
            ),
            GinIndex(fields=("search",), name="trace_search"),
        ]

    def __str__(self) -> str:
        return f"{self.short_id} {self.title}"

    @property
    def is_finished(self) -> bool:
        """Say whether the run has ended, in whatever way."""
        return self.status in FINISHED

    @property
    def is_cold(self) -> bool:
        """Say whether the events lie in an archive and have to be thawed before they are read."""
        return self.tier == Tier.COLD


class Step(models.Model):
    """One numbered step of a trace, as the sidebar and the API show it."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=10)
    started_ms = models.FloatField(null=True)
    ended_ms = models.FloatField(null=True)
    seq_first = models.BigIntegerField(null=True)
    seq_last = models.BigIntegerField(null=True)
    failing_seq = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    line = models.PositiveIntegerField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)
    # Of the step's end: [{seq, name, type, member}].
    attachments = models.JSONField(default=list)

    class Meta:
        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("trace", "number"), name="one_row_per_step"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def duration_ms(self) -> float | None:
        """Return how long the step took, in milliseconds, when both ends are known."""
        if self.started_ms is None or self.ended_ms is None:
            return None
        return self.ended_ms - self.started_ms
