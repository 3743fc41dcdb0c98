"""What a batch changes beside its chunks, written by one statement: it costs one way to the server.

Called by append alone, inside its transaction and behind the lock of the trace's row.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trace_app.actions.processing import CHANNEL
from trace_app.models import Trace
from trace_app.models.prepared import fetch

_encoder: Final = msgspec.json.Encoder()
# Told to live pages when the surrounding transaction commits, as `notify` does.
_WRITE: Final = """
    WITH batch AS (
        INSERT INTO trace_app_appendbatch
            (trace_id, seq_first, seq_last, digest, received, columns)
        VALUES (%(id)s::uuid, %(seq_first)s::bigint, %(last_seq)s::bigint, %(digest)s::text,
            %(last_batch)s::timestamptz, %(columns)s::bytea)
    ),
    bins AS (
        INSERT INTO trace_app_eventindex (trace_id, columns, density)
        VALUES (%(id)s::uuid, '', %(density)s::jsonb)
        ON CONFLICT (trace_id) DO UPDATE SET density = excluded.density
    ),
    learned AS (
        INSERT INTO trace_app_liveredaction (trace_id, sealed, behind)
        SELECT %(id)s::uuid, %(sealed)s::bytea, %(behind)s::bool
        WHERE %(sealed)s::bytea IS NOT NULL
        ON CONFLICT (trace_id) DO UPDATE SET sealed = excluded.sealed, behind = excluded.behind
    )
    UPDATE trace_app_trace
    SET last_seq = %(last_seq)s::bigint, event_count = %(event_count)s::int,
        error_count = %(error_count)s::int, duration_ms = %(duration_ms)s::float8,
        last_batch = %(last_batch)s::timestamptz, runner = %(runner)s::jsonb
    WHERE id = %(id)s::uuid
    RETURNING pg_notify(%(channel)s::text, %(id)s::text)::text
"""


@dataclass(frozen=True, slots=True)
class BatchRows:
    """One accepted batch; `sealed` is None where redaction has learned nothing from it."""

    seq_first: int
    digest: str
    columns: bytes
    density: dict[str, Any]
    sealed: bytes | None
    behind: bool


def store_batch(trace: Trace, rows: BatchRows) -> None:
    """Stores the batch, and of the trace's row what a batch advances."""
    fetch(
        _WRITE,
        {
            "id": trace.pk,
            "last_seq": trace.last_seq,
            "event_count": trace.event_count,
            "error_count": trace.error_count,
            "duration_ms": trace.duration_ms,
            "last_batch": trace.last_batch,
            "runner": _json(trace.runner),
            "seq_first": rows.seq_first,
            "digest": rows.digest,
            "columns": rows.columns,
            "density": _json(rows.density),
            "sealed": rows.sealed,
            "behind": rows.behind,
            "channel": CHANNEL,
        },
    )


def _json(value: dict[str, Any]) -> str:
    return _encoder.encode(value).decode()
