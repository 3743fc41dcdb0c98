"""Keeps a replay's lease while its run goes on in another thread. Decides nothing."""

import threading
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from django.db import DatabaseError, connections

from debugger.actions.replay_runs import cancel_wanted, renew_lease

SECONDS: Final = 5.0


class Heartbeat:
    """Renews the lease every few seconds; `stopped` is set when the run should end.

    A database that is away for a moment is no reason to stop: the lease lasts longer.
    """

    def __init__(self, replay_id: UUID, tries: int, *, seconds: float = SECONDS) -> None:
        self.stopped = threading.Event()
        self._replay_id = replay_id
        self._tries = tries
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="replay-lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        passed = 0.0
        while not self._over.wait(1.0):
            passed += 1.0
            try:
                if cancel_wanted(self._replay_id, self._tries):
                    self.stopped.set()
                if passed >= self._seconds:
                    renew_lease(self._replay_id, self._tries)
                    passed = 0.0
            except DatabaseError:
                connections.close_all()
        connections.close_all()
