"""Attempts: one hand-off of one failure to Mender, its history, and the traces it is seen in."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from debugger.models import Replay
from mender_handoff.domain.attempt_states import ENDED, Outcome, State
from trace_app.models import Project, Signature, Trace
from trace_app.models.identifiers import new_uuid

_NOT_ENDED = ~models.Q(state__in=sorted(state.value for state in ENDED))


class MenderAttempt(models.Model):
    """A row changes only by a person's action or a received webhook, never by Mender itself."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="mender_attempts")
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="mender_attempts")
    signature = models.ForeignKey(
        Signature, on_delete=models.CASCADE, null=True, related_name="mender_attempts"
    )
    replay = models.ForeignKey(
        Replay, on_delete=models.SET_NULL, null=True, related_name="mender_attempts"
    )
    also_seen_in = models.ManyToManyField(Trace, related_name="+")

    classification = models.CharField(max_length=20, blank=True)
    confidence = models.FloatField(null=True)
    evidence = models.JSONField(default=list, help_text="[{name, weight, seqs, text}]")
    analysis_line = models.CharField(max_length=500, blank=True)
    analysis_markdown = models.TextField(blank=True)
    patch = models.JSONField(default=dict, help_text="edits")
    accepted_regressions = models.JSONField(default=list)
    accepts_weakened = models.BooleanField(default=False)
    target_branch = models.CharField(max_length=250)
    base_sha = models.CharField(max_length=64, blank=True)
    head_sha = models.CharField(max_length=64, blank=True)
    branch = models.CharField(max_length=250, blank=True)
    pr_url = models.URLField(max_length=500, blank=True)
    pr_number = models.PositiveIntegerField(null=True)
    outcome = models.CharField(
        max_length=10,
        choices=[(outcome.value, outcome.value) for outcome in Outcome],
        default=Outcome.SUGGESTED,
    )
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in State])
    state_note = models.TextField(blank=True)
    stages = models.JSONField(default=list, help_text="[{name, state, started, ended, note}]")
    remote_id = models.CharField(max_length=80, blank=True, help_text="Mender's id of the job")
    idempotency_key = models.CharField(max_length=200, blank=True)
    remote_sequence = models.PositiveIntegerField(
        default=0, help_text="Of the last update taken from that job; older ones are dropped"
    )
    request_number = models.PositiveSmallIntegerField(
        default=0, help_text="How often Mender was asked; part of the idempotency key"
    )
    revalidation_check = models.CharField(max_length=80, blank=True)
    merge_sha = models.CharField(max_length=64, blank=True)
    red_trace = models.ForeignKey(Trace, on_delete=models.SET_NULL, null=True, related_name="+")
    green_trace = models.ForeignKey(Trace, on_delete=models.SET_NULL, null=True, related_name="+")
    revalidation_trace = models.ForeignKey(
        Trace, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    promoted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    promoted_at = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(null=True)
    send_after = models.DateTimeField(null=True, help_text="Set while Mender must still be told")
    send_tries = models.PositiveSmallIntegerField(default=0)
    ask_after = models.DateTimeField(null=True, help_text="Guard is not asked before this")
    ask_tries = models.PositiveSmallIntegerField(
        default=0, help_text="How often in a row Guard was asked and did not answer"
    )
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("project", "target_branch", "signature"),
                condition=models.Q(promoted_at__isnull=True) & _NOT_ENDED,
                name="one_open_suggestion_per_signature",
            ),
            models.UniqueConstraint(
                fields=("project", "target_branch", "signature"),
                condition=models.Q(promoted_at__isnull=False) & _NOT_ENDED,
                name="one_open_promotion_per_signature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.target_branch}"


class AttemptEvent(models.Model):
    """One line of an attempt's history: who moved it, from where to where, and why."""

    attempt = models.ForeignKey(MenderAttempt, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField(auto_now_add=True)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    mover = models.CharField(max_length=10)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class WebhookDelivery(models.Model):
    """A received webhook: stored, answered 202, processed after. Its id is kept for 7 days."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="webhook_deliveries"
    )
    sender = models.CharField(max_length=10)
    delivery_id = models.CharField(max_length=120)
    event = models.CharField(max_length=60)
    body = models.JSONField()
    received = models.DateTimeField(auto_now_add=True)
    processed = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    taken = models.JSONField(default=list, help_text="Ids of the traces it was taken over for")
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("project", "sender", "delivery_id"), name="one_row_per_delivery"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("lease_until",),
                condition=models.Q(processed__isnull=True),
                name="delivery_unprocessed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery_id}"
