"""Public shares of a trace and who opened them. The secret itself is stored nowhere."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from trace_app.models.identifiers import new_uuid
from trace_app.models.trace import Trace


class TraceShare(models.Model):
    """A right to read one trace, held by whoever knows the address, until it expires."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="shares")
    secret_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=80, blank=True, help_text="Whom it is for")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created", "-id")

    def __str__(self) -> str:
        return f"share of {self.trace_id}"

    @property
    def state(self) -> str:
        """live, expired or revoked."""
        if self.revoked is not None:
            return "revoked"
        return "live" if self.expires > timezone.now() else "expired"


class ShareVisit(models.Model):
    """The access log: requests of one address and program without a half-hour's pause."""

    share = models.ForeignKey(TraceShare, on_delete=models.CASCADE, related_name="visits")
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    embedded = models.BooleanField(default=False)
    first = models.DateTimeField()
    last = models.DateTimeField()
    requests = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-last", "-id")
        indexes: ClassVar = [models.Index(fields=("share", "-last"), name="visits_of_share")]

    def __str__(self) -> str:
        return f"{self.address} {self.last:%Y-%m-%d %H:%M}"
