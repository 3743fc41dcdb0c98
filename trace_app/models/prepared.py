"""Statements whose plan the server keeps: the few of every upload, and of every page.

For fixed texts only, see docs/adr/0016-a-small-run-is-one-statement.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor
from psycopg.types.datetime import TimestamptzLoader


def fetch(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement. Counted, logged and refused as any other of the connection."""
    connection.ensure_connection()
    raw: Cursor[Any] = Cursor(connection.connection)
    # The driver's own, in place of Django's, which is Python: both give moments in UTC.
    raw.adapters.register_loader("timestamptz", TimestamptzLoader)
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(raw) as cursor:  # type: ignore[arg-type]
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
