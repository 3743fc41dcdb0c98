"""The Debugger's conversation about one trace, and actions waiting for a person's word."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from debugger.models.replay import Replay
from trace_app.models import Trace
from trace_app.models.identifiers import new_uuid


class ChatMessage(models.Model):
    """One message: a person's question, or an answer whose citations were checked."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="chat_messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    role = models.CharField(max_length=10, choices=[("person", "person"), ("debugger", "debugger")])
    engine = models.CharField(max_length=60, blank=True)
    text = models.TextField(help_text="Plain text with (seq:N) citations; never markup")
    cited = models.JSONField(default=list, help_text="Sequence numbers, each checked")
    created = models.DateTimeField(auto_now_add=True)
    answers = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="answer"
    )

    class Meta:
        ordering = ("id",)
        indexes: ClassVar = [models.Index(fields=("trace", "id"), name="chat_by_trace")]

    def __str__(self) -> str:
        return self.text[:60]


class PendingAction(models.Model):
    """Something the Debugger proposes and only a person may start; decided once."""

    call_id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="pending_actions")
    message = models.ForeignKey(
        ChatMessage, on_delete=models.CASCADE, related_name="pending_actions"
    )
    tool = models.CharField(max_length=40)
    arguments = models.JSONField()
    arguments_sha256 = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    decision = models.CharField(
        max_length=10, blank=True, choices=[("confirmed", "confirmed"), ("declined", "declined")]
    )
    decided = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    replay = models.ForeignKey(Replay, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.tool} {self.call_id}"
