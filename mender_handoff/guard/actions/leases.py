"""Leases on rows: one worker at a time, and another one soon after a worker died."""

import contextlib
import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection, models
from django.utils import timezone

LEASE = timedelta(seconds=20)
BEAT_SECONDS = 5.0


def take[M: models.Model](kind: type[M], pk: object) -> bool:
    """Take the lease of a row, unless someone holds it.

    One statement, so two workers cannot both win.
    """
    now = timezone.now()
    free = models.Q(lease_until=None) | models.Q(lease_until__lt=now)
    rows = kind._default_manager.filter(free, pk=pk)
    return rows.update(lease_until=now + LEASE) == 1


def give_back[M: models.Model](kind: type[M], pk: object) -> None:
    """End the lease, so that the next wake-up may take the row at once."""
    kind._default_manager.filter(pk=pk).update(lease_until=None)


class Held:
    """Keeps a taken lease alive from a thread while the block runs, and gives it back after."""

    def __init__(self, kind: type[models.Model], pk: object) -> None:
        self._kind, self._pk = kind, pk
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        give_back(self._kind, self._pk)

    def _beat(self) -> None:
        rows = self._kind._default_manager.filter(pk=self._pk)
        while not self._stop.wait(BEAT_SECONDS):
            # A database that is away for a moment is no reason to stop: the lease lasts longer.
            with contextlib.suppress(DatabaseError):
                rows.update(lease_until=timezone.now() + LEASE)
            # A thread's connection would otherwise stay taken from the pool for good.
            connection.close()
