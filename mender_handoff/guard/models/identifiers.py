"""Defaults for Guard's identifier columns: its own, because it shares no table with Trace."""

import uuid

from trace_app.domain import ids


def new_uuid() -> uuid.UUID:
    """Return a UUIDv7: ordered by time, so indexes grow at their right edge."""
    return ids.new_id()
