"""Who may remove a blob's file when: storing and removing the same content must not meet."""

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Final

from django.db import connection, transaction

from trace_app.models import Blob
from trace_app.storage import blobs

# One number of PostgreSQL's advisory locks, the product's own.
_LOCK: Final = 7_214_001
# Few: while they go nobody may store anything, and a file in a bucket takes its time to go.
_BATCH: Final = 20


def hold() -> None:
    """Until the caller's transaction ends, no blob is removed; many may hold at once.

    Without it a file could go between "it is kept already" and the row that says who uses it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def remove_unused(sha256s: Iterable[str]) -> int:
    """Remove those of the blobs that no trace uses, row and file; return how many.

    May be repeated. Files go before the rows' transaction ends: when that fails, a row without
    a file is left, which the next upload of the content or the next removal mends.
    """
    removed = 0
    for batch in batched(sorted(set(sha256s)), _BATCH):
        with transaction.atomic():
            _alone()
            unused = Blob.objects.filter(sha256__in=batch, uses=None)
            gone = list(unused.values_list("sha256", flat=True))
            for sha256 in gone:
                blobs.delete(sha256)
            Blob.objects.filter(sha256__in=gone).delete()
        removed += len(gone)
    return removed


def remove_unknown(sha256s: Iterable[str]) -> int:
    """Remove those of the files that have no row, which a killed upload left; return how many."""
    removed = 0
    for batch in batched(sorted(set(sha256s)), _BATCH):
        with transaction.atomic():
            _alone()
            unknown = without_row(batch)
            for sha256 in unknown:
                blobs.delete(sha256)
        removed += len(unknown)
    return removed


def without_row(sha256s: Sequence[str]) -> list[str]:
    """Those of the names that no blob's row has."""
    known = set(Blob.objects.filter(sha256__in=sha256s).values_list("sha256", flat=True))
    return [sha256 for sha256 in sha256s if sha256 not in known]


def _alone() -> None:
    """Until the caller's transaction ends, nobody counts on a blob that has no use yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
