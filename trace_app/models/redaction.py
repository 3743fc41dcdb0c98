"""What a team rules about masking, and what a live run has learned so far."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from trace_app.domain.redaction import RuleKind
from trace_app.models.identifiers import new_uuid
from trace_app.models.team import Team
from trace_app.models.trace import Trace


class RedactionRule(models.Model):
    """One rule of a team; it acts on what is stored after it was made."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="redaction_rules")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in RuleKind])
    value = models.CharField(max_length=500)
    name = models.CharField(max_length=60, blank=True, help_text="What reports call it")
    created = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ("kind", "created")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("team", "kind", "value"), name="one_redaction_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.value}"


class LiveRedaction(models.Model):
    """What a running trace has masked so far, encrypted; it goes when the run is processed.

    Values must be known for as long as batches come, or one could stand unmasked in a later one.
    """

    trace = models.OneToOneField(
        Trace, on_delete=models.CASCADE, primary_key=True, related_name="live_redaction"
    )
    sealed = models.BinaryField()
    behind = models.BooleanField(default=False, help_text="Stored chunks are still to be scrubbed")

    def __str__(self) -> str:
        return str(self.trace_id)
