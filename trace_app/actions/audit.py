"""Writing audit rows; every other action calls this inside its own transaction."""

from typing import Any

from django.contrib.auth.models import User

from trace_app.domain.system import System
from trace_app.models import AuditEntry, Team


def record(
    *, by: User | System, team: Team, action: str, target: str, **details: Any
) -> AuditEntry:
    """Add one line to the team's audit trail. `details` must be JSON and hold no secret."""
    return AuditEntry.objects.create(
        team=team,
        actor=by if isinstance(by, User) else None,
        system=by.name if isinstance(by, System) else "",
        action=action,
        target=target[:120],
        details=details,
    )
