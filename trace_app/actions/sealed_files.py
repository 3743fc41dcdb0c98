"""Removes encrypted files that outlived their trace or its tier.

An upload that was undone leaves them, and a process that was killed between rows and files.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import batched
from typing import Final

from trace_app.domain.states import Tier
from trace_app.models import Trace
from trace_app.storage import sealed
from trace_app.storage.sealed import SealedFile

# A file whose upload may still be under way is younger.
_UPLOADING: Final = timedelta(days=1)
_BATCH: Final = 500


def sweep(now: datetime) -> int:
    """Remove files older than a day that no row asks for any more; return how many."""
    gone = 0
    for batch in batched(sealed.kept(), _BATCH):
        for file in _unasked(batch):
            if sealed.written_before(file, now - _UPLOADING):
                sealed.delete(file)
                gone += 1
    return gone


def _unasked(files: Iterable[SealedFile]) -> Iterator[SealedFile]:
    """Capsules of traces that are not hot, uploads of traces that are not unread."""
    found = list(files)
    rows = Trace.objects.filter(pk__in={file.trace for file in found})
    held = {
        (key, kind)
        for key, tier, runner in rows.values_list("pk", "tier", "runner")
        for kind, asked in (("capsule", tier == Tier.HOT), ("unread", "unread" in runner))
        if asked
    }
    return (file for file in found if (file.trace, file.kind) not in held)
