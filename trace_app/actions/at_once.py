"""Digests a small run while it is accepted: a worker would read all of it again.

What it makes is what a worker makes of the stored run; larger runs are left to one.
"""

import logging
from collections.abc import Sequence
from typing import Final

from django.db import DatabaseError

from trace_app.actions.digest import digest
from trace_app.actions.intake import Prepared
from trace_app.actions.processing import Measured, manifest_of
from trace_app.domain.index import build_index
from trace_app.domain.steps import StepRow
from trace_app.models import EventIndex, Trace

SMALL: Final = 500
logger = logging.getLogger(__name__)


def digest_small(trace: Trace, ready: Prepared, rows: Sequence[StepRow]) -> EventIndex | None:
    """Fills in a trace that is not stored yet; its index, to be stored with it.

    None, and the trace waits for a worker, where it is not small or has something attached.
    """
    attached = ready.zip_path is not None or ready.blobs or ready.unread is not None
    if attached or len(ready.events) > SMALL:
        return None
    by_seq = {event.seq: event for event in ready.events}
    measured = Measured()
    try:
        index = build_index(measured.passing(ready.lines))
        digest(
            trace,
            counter=measured.counter,
            rows=rows,
            evidence=lambda: ready.events,
            find=by_seq.get,
        )
    except DatabaseError:
        raise
    except Exception:
        # What was sent is good and is kept: an error of ours here must not refuse it.
        logger.exception("%s is left to a worker", trace.short_id)
        trace.processed = trace.search = None
        return None
    trace.manifest = manifest_of(())
    return EventIndex(trace=trace, columns=index, density=measured.bins.to_json())
