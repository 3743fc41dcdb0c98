"""How many runs this machine makes at once. A browser that gets no processor turns a check red."""

import contextlib
import fcntl
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

_PAUSE_SECONDS = 0.1
_ASK_SECONDS = 1.0
MAX_STRETCH = 4


class CanceledError(Exception):
    """Someone asked to stop."""


def count() -> int:
    """Slots of this machine: one per two processors, or TRACE_RUNNER_SLOTS."""
    named = os.environ.get("TRACE_RUNNER_SLOTS", "")
    return int(named) if named.isdecimal() and int(named) else max(1, (os.cpu_count() or 2) // 2)


def stretch() -> int:
    """How much longer a run may take now: 1 on a machine with processors to spare, at most 4.

    Timeouts are there to end what never comes; on a busy machine everything comes later.
    """
    try:
        load = os.getloadavg()[0]
    except OSError:
        return 1
    # A run itself keeps two processors busy, and its neighbours are ours: twice is not yet busy.
    return min(max(math.ceil(load / (os.cpu_count() or 1) / 2), 1), MAX_STRETCH)


@contextlib.contextmanager
def held(
    cache: Path, *, should_cancel: Callable[[], bool], on_wait: Callable[[], None]
) -> Iterator[None]:
    """Hold one slot for the block; waits for it, first telling `on_wait` once.

    A slot is a lock on a file: it is free again when its process dies. CanceledError on a stop.
    """
    folder = cache / "slots"
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        files = [
            stack.enter_context((folder / str(number)).open("ab")) for number in range(count())
        ]
        _wait(files, should_cancel, on_wait)
        yield


def _wait(
    files: Sequence[IO[bytes]], should_cancel: Callable[[], bool], on_wait: Callable[[], None]
) -> None:
    asked: float | None = None
    while not any(_locked(file) for file in files):
        if asked is None:
            on_wait()
        if asked is None or time.monotonic() - asked > _ASK_SECONDS:
            asked = time.monotonic()
            if should_cancel():
                raise CanceledError
        time.sleep(_PAUSE_SECONDS)


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
