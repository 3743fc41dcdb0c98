"""One clock for everything the guest records: wall time that never jumps."""

import time


class Clock:
    """Wall-clock milliseconds, anchored once and advanced by the monotonic clock."""

    def __init__(self) -> None:
        """Anchor now."""
        self._wall = time.time() * 1000
        self._monotonic = time.monotonic() * 1000

    def now(self) -> float:
        """Milliseconds since 1970."""
        return self._wall + time.monotonic() * 1000 - self._monotonic
