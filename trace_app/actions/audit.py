"""Writing audit rows; every other action calls this inside its own transaction."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from trace_app.domain.system import System
from trace_app.models import AuditEntry, Team, Trace


def record(
    *, by: User | System, team: Team, action: str, target: str, **details: Any
) -> AuditEntry:
    """Add one line to the team's audit trail. `details` must be JSON and hold no secret."""
    entry = _entry(by, team, action, target, details)
    entry.save(force_insert=True)
    return entry


def ingested(by: User | System, trace: Trace) -> AuditEntry:
    """The line for a stored upload; not saved."""
    details = {"origin": trace.origin, "events": trace.event_count}
    entry = _entry(by, trace.project.team, "trace.ingested", trace.short_id, details)
    entry.at = timezone.now()
    return entry


def _entry(
    by: User | System, team: Team, action: str, target: str, details: dict[str, Any]
) -> AuditEntry:
    return AuditEntry(
        team=team,
        actor=by if isinstance(by, User) else None,
        system=by.name if isinstance(by, System) else "",
        action=action,
        target=target[:120],
        details=details,
    )
