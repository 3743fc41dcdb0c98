"""The tables of Trace: what happened."""

from trace_app.models.events import (
    AppendBatch,
    Blob,
    CloneState,
    EventChunk,
    EventIndex,
    NotableEvent,
    TraceBlob,
)
from trace_app.models.project import ApiKey, IdempotencyRecord, Project
from trace_app.models.redaction import LiveRedaction, RedactionRule
from trace_app.models.saved_view import SavedView
from trace_app.models.scenario_name import ScenarioName
from trace_app.models.share import ShareVisit, TraceShare
from trace_app.models.team import (
    AuditEntry,
    Team,
    TeamGroupObjectPermission,
    TeamRole,
    TeamUserObjectPermission,
)
from trace_app.models.trace import Signature, Step, Trace

__all__ = [
    "ApiKey",
    "AppendBatch",
    "AuditEntry",
    "Blob",
    "CloneState",
    "EventChunk",
    "EventIndex",
    "IdempotencyRecord",
    "LiveRedaction",
    "NotableEvent",
    "Project",
    "RedactionRule",
    "SavedView",
    "ScenarioName",
    "ShareVisit",
    "Signature",
    "Step",
    "Team",
    "TeamGroupObjectPermission",
    "TeamRole",
    "TeamUserObjectPermission",
    "Trace",
    "TraceBlob",
    "TraceShare",
]
