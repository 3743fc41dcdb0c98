"""What Guard knows: repositories it watches, the checks it made and the runs inside each."""

from typing import ClassVar

from django.db import models

from mender_handoff.guard.models.identifiers import new_uuid


class GuardRepository(models.Model):
    """A repository under the bundled Guard, and how to reach the Trace it reports to."""

    slug = models.SlugField(unique=True)
    path = models.CharField(max_length=400, help_text="A git directory on this machine")
    default_branch = models.CharField(max_length=200, default="main")
    trace_url = models.URLField(max_length=400)
    trace_api_key = models.BinaryField(default=bytes, help_text="Encrypted")
    webhook_secret = models.BinaryField(default=bytes, help_text="Encrypted")
    api_token_hash = models.CharField(max_length=64, blank=True)
    push_token_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "guard_repository"

    def __str__(self) -> str:
        return self.slug


class GuardCheck(models.Model):
    """One check of one commit: every scenario of the repository, or the ones named."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    repository = models.ForeignKey(GuardRepository, on_delete=models.CASCADE, related_name="checks")
    sha = models.CharField(max_length=64)
    branch = models.CharField(max_length=250)
    pr_number = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, blank=True)
    scenarios = models.JSONField(default=list, help_text="Slugs asked for; empty means all")
    status = models.CharField(max_length=10, default="queued")
    message = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=200, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    announced = models.DateTimeField(null=True, help_text="When Trace took the last webhook")
    tell_after = models.DateTimeField(null=True)
    tell_tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "guard_check"
        ordering = ("-created",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("repository", "idempotency_key"),
                condition=~models.Q(idempotency_key=""),
                name="one_check_per_idempotency_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch} {self.sha[:7]}"


class GuardRun(models.Model):
    """One scenario's run inside a check, and the trace it became."""

    check_row = models.ForeignKey(GuardCheck, on_delete=models.CASCADE, related_name="runs")
    scenario = models.CharField(max_length=200)
    scenario_id = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=400, blank=True)
    title = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, default="queued")
    failing_step = models.PositiveIntegerField(null=True)
    message = models.TextField(blank=True)
    trace_id = models.CharField(max_length=64, blank=True)
    trace_short_id = models.CharField(max_length=9, blank=True)
    trace_url = models.URLField(max_length=500, blank=True)
    duration_ms = models.FloatField(null=True)
    progress = models.JSONField(default=dict)

    class Meta:
        db_table = "guard_run"
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("check_row", "scenario"), name="one_run_per_check_and_scenario"
            ),
        ]

    def __str__(self) -> str:
        return self.scenario
