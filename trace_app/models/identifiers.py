"""Defaults for identifier columns. Migrations name these functions, so they stay here."""

import uuid

from trace_app.domain import ids


def new_uuid() -> uuid.UUID:
    """Return a UUIDv7: ordered by time, so indexes grow at their right edge."""
    return ids.new_id()


def new_short_id() -> str:
    """Return a random 9-character base58 identifier for people (about 52 bits)."""
    return ids.new_short_id()
