"""Writes the guest's own events as lines for the host to merge.

It never numbers them: the host does.
"""

import json
import threading
from pathlib import Path
from typing import Any

from .clock import Clock

Json = dict[str, Any]


class Recorder:
    """Appends one JSON line per event.

    {"wall", "kind", "data", "step"?, "dur"?, "level"?, "key"?, "ref_key"?}.

    `wall` is in milliseconds since 1970. Each line is flushed, so that a killed run leaves what it
    saw.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the file for appending."""
        self.clock = clock
        self.step: int | None = None
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def emit(
        self,
        kind: str,
        data: Json,
        *,
        wall: float | None = None,
        step: int | None = None,
        dur: float | None = None,
        level: str | None = None,
        key: str | None = None,
        ref_key: str | None = None,
    ) -> None:
        """Record an event, now and in the current step unless told otherwise.

        Safe from any thread.
        """
        line: Json = {
            "wall": round(self.clock.now() if wall is None else wall, 3),
            "kind": kind,
            "step": self.step if step is None else step,
            "dur": None if dur is None else round(dur, 3),
            "level": level,
            "key": key,
            "ref_key": ref_key,
            "data": data,
        }
        text = json.dumps({name: value for name, value in line.items() if value is not None})
        with self._lock:
            self._file.write(text + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file; later events are an error."""
        with self._lock:
            self._file.close()
