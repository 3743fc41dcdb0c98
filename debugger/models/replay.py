"""Layer 2 replays: what was asked, what ran, and the child traces it left."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from debugger.domain.replay_states import ReplayMode, ReplayStatus
from trace_app.models import Trace
from trace_app.models.identifiers import new_uuid


class Replay(models.Model):
    """A request to run a trace's scenario again from a step, with edits. The row is the truth."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="replays")
    from_step = models.PositiveIntegerField()
    edits = models.JSONField(default=dict)
    requested_mode = models.CharField(max_length=12, blank=True)
    mode = models.CharField(
        max_length=12, choices=[(mode.value, mode.value) for mode in ReplayMode], blank=True
    )
    mode_reason = models.CharField(max_length=300, blank=True)
    repeat = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(
        max_length=10,
        choices=[(status.value, status.value) for status in ReplayStatus],
        default=ReplayStatus.QUEUED,
    )
    progress = models.JSONField(default=dict, help_text="phase, step, of, run")
    message = models.TextField(blank=True)
    log_tail = models.TextField(blank=True)
    sandbox_level = models.CharField(max_length=4, blank=True)
    ran_blobs = models.JSONField(default=dict, help_text="path → blob sha that really ran")
    changed_before = models.JSONField(default=list)
    diff = models.JSONField(default=dict, help_text="diff of the first run against the trace")
    acknowledged_setup = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    cancel_requested = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-created",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("trace", "idempotency_key"),
                condition=~models.Q(idempotency_key=""),
                name="one_replay_per_idempotency_key",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("lease_until",),
                condition=models.Q(ended__isnull=True),
                name="replay_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"replay of {self.trace_id} from step {self.from_step}"

    @property
    def has_edits(self) -> bool:
        """Say whether anything was changed for this replay."""
        return bool(self.edits.get("scenario_diff") or self.edits.get("source_diffs"))

    @property
    def seconds(self) -> float | None:
        """Return how long it took from its first start to its end, in seconds."""
        if self.started is None or self.ended is None:
            return None
        return (self.ended - self.started).total_seconds()


class ReplayRun(models.Model):
    """One execution of a replay (`repeat: k` makes k) and the child trace it recorded."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10)
    trace = models.OneToOneField(
        Trace, on_delete=models.SET_NULL, null=True, related_name="replay_run"
    )
    verdicts = models.JSONField(default=dict, help_text="step number → passed/failed/skipped")
    ended = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("replay", "number"), name="one_row_per_replay_run"),
        ]

    def __str__(self) -> str:
        return f"run {self.number} of {self.replay_id}"
