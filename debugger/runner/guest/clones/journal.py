"""What a clone saw and did, numbered, for the recorder to collect. Not part of the state."""

import threading
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal line: ``at`` is wall-clock milliseconds, ``dur`` milliseconds."""

    n: int
    kind: str
    at: float
    dur: float
    data: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The line as the admin API gives it."""
        return {
            "n": self.n,
            "kind": self.kind,
            "at": round(self.at, 3),
            "dur": round(self.dur, 3),
            "data": self.data,
        }


class Journal:
    """An append-only list that can be waited on from another thread."""

    def __init__(self) -> None:
        """Start empty; numbers begin at 1."""
        self._entries: list[Entry] = []
        self._grown = threading.Condition()

    def add(self, kind: str, *, started: float, data: dict[str, Any]) -> None:
        """Append a line for something that began at ``started`` (``time.time()`` seconds)."""
        with self._grown:
            number = len(self._entries) + 1
            dur = (time.time() - started) * 1000
            self._entries.append(Entry(number, kind, started * 1000, max(dur, 0.0), data))
            self._grown.notify_all()

    def after(self, number: int, *, wait_ms: float = 0) -> list[Entry]:
        """Lines with a number above ``number``; waits up to ``wait_ms`` for the first."""
        with self._grown:
            self._grown.wait_for(lambda: len(self._entries) > number, timeout=wait_ms / 1000)
            return self._entries[max(number, 0) :]
