"""Mender's own rows: one job per hand-off, one row per stage run; every stage can be repeated."""

from typing import ClassVar

from django.db import models

from mender_handoff.guard.models.check import GuardCheck, GuardRepository
from mender_handoff.guard.models.identifiers import new_uuid


class MenderJob(models.Model):
    """A hand-off as Mender received it, and where its pipeline stands."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    repository = models.ForeignKey(GuardRepository, on_delete=models.CASCADE, related_name="jobs")
    attempt_id = models.CharField(max_length=64, help_text="Trace's id of the attempt")
    kind = models.CharField(max_length=10, help_text="analyze, or fix after a promotion")
    idempotency_key = models.CharField(max_length=200)
    request = models.JSONField(help_text="The body of the hand-off as received")
    request_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, default="queued")
    note = models.TextField(blank=True, help_text="Why it stands where it stands, for people")
    result = models.JSONField(default=dict, help_text="What the stages found, by field of the view")
    pull_request = models.ForeignKey(
        "PullRequest", on_delete=models.SET_NULL, null=True, related_name="jobs"
    )
    revalidation = models.ForeignKey(
        GuardCheck, on_delete=models.SET_NULL, null=True, related_name="jobs"
    )
    sequence = models.PositiveIntegerField(default=1, help_text="Grows with every change")
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    ended = models.DateTimeField(null=True)
    told = models.PositiveIntegerField(default=0, help_text="The last sequence Trace accepted")
    told_check = models.CharField(
        max_length=64, blank=True, help_text="The last finished revalidation Trace accepted"
    )
    tell_after = models.DateTimeField(null=True)
    tell_tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "mender_job"
        ordering = ("-created",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("repository", "idempotency_key"), name="one_job_per_idempotency_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.attempt_id}"


class MenderStage(models.Model):
    """One stage's run: the hash of what went in, what came out, or the error."""

    job = models.ForeignKey(MenderJob, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=12)
    input_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="running")
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    started = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        db_table = "mender_stage"
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("job", "name", "input_sha256"), name="one_row_per_stage_input"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PullRequest(models.Model):
    """A pull request of the LocalForge. People merge with git; this row only takes notice."""

    repository = models.ForeignKey(
        GuardRepository, on_delete=models.CASCADE, related_name="pull_requests"
    )
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    author = models.CharField(max_length=120)
    head = models.CharField(max_length=250)
    base = models.CharField(max_length=250)
    head_sha = models.CharField(max_length=64, blank=True)
    draft = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="open")
    merged_sha = models.CharField(max_length=64, blank=True)
    marker = models.CharField(max_length=80, blank=True, help_text="Hidden in the body")
    checks = models.JSONField(default=dict, help_text="name → {status, summary, url}")
    comments = models.JSONField(default=list)
    created = models.DateTimeField(auto_now_add=True)
    closed = models.DateTimeField(null=True)

    class Meta:
        db_table = "forge_pull_request"
        ordering = ("-number",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("repository", "number"), name="one_pull_request_per_number"
            ),
            models.UniqueConstraint(
                fields=("repository", "head"),
                condition=models.Q(state="open"),
                name="one_open_pull_request_per_head",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"
