"""Digests a small run while it is accepted: a worker would read all of it again.

What it makes is what a worker makes of the stored run; larger runs are left to one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.utils import timezone

from trace_app.actions import audit, one_statement
from trace_app.actions.digest import digest, search_texts, signature_row
from trace_app.actions.intake import Prepared
from trace_app.actions.processing import Measured, manifest_of
from trace_app.actions.rows import chunk_rows, clone_rows, notable_rows, step_row
from trace_app.domain.chunks import pack
from trace_app.domain.index import build_index
from trace_app.domain.signature import Signature
from trace_app.domain.steps import StepRow
from trace_app.domain.system import System
from trace_app.models import EventIndex, Trace
from trace_app.storage import capsules

SMALL: Final = 500
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Digested:
    """What a digest makes beside the trace's own row."""

    signature: Signature | None
    index: EventIndex


def digest_small(trace: Trace, ready: Prepared, rows: Sequence[StepRow]) -> Digested | None:
    """Fills in a trace that is not stored yet; what is to be stored with it.

    None, and the trace waits for a worker, where it is not small or has something attached.
    """
    attached = ready.zip_path is not None or ready.blobs or ready.unread is not None
    if attached or len(ready.events) > SMALL:
        return None
    by_seq = {event.seq: event for event in ready.events}
    measured = Measured()
    try:
        index = build_index(measured.passing(ready.lines))
        found = digest(
            trace,
            counter=measured.counter,
            rows=rows,
            evidence=lambda: ready.events,
            find=by_seq.get,
        )
    except Exception:
        # What was sent is good and is kept: an error of ours here must not refuse it.
        logger.exception("%s is left to a worker", trace.short_id)
        trace.processed = None
        return None
    trace.manifest = manifest_of(())
    return Digested(found, EventIndex(trace=trace, columns=index, density=measured.bins.to_json()))


def store_small(
    by: User | System, trace: Trace, ready: Prepared, rows: Sequence[StepRow], made: Digested
) -> None:
    """Stores the run, all of it or nothing. Raises IntegrityError where it is stored already."""
    if ready.capsule is not None:
        trace.sealed_bytes = capsules.save(trace, ready.capsule)
    trace.created = timezone.now()
    one_statement.store(
        one_statement.Rows(
            trace=trace,
            signature=signature_row(trace, made.signature) if made.signature else None,
            words=search_texts(trace),
            own={
                "steps": [step_row(trace, row) for row in rows],
                "chunks": chunk_rows(trace, pack(ready.lines)),
                "clone_states": clone_rows(trace, ready.events),
                "notable": notable_rows(trace, ready.events),
                "index": [made.index],
                "audit": [audit.ingested(by, trace)],
            },
        )
    )
