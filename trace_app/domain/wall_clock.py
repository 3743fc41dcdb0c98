"""Times of day as text (RFC 3339), brought into UTC."""

from datetime import UTC, datetime, tzinfo


def read_moment(text: str, *, assumed: tzinfo | None = None) -> datetime | None:
    """The moment in UTC; `assumed` is the zone of a text without one.

    None for what is no time, has no zone, or lies outside the years 1 to 9999 in UTC, which no
    database gives back.
    """
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=assumed)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
