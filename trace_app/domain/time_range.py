"""The stretch of time a person selected on the ribbons: every tab shows only what lies in it."""

import math
from dataclasses import dataclass
from typing import Final

from trace_app.domain.wording import clock

_LONGEST: Final = 24


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Milliseconds of the trace, both ends included."""

    start: float
    end: float

    def holds(self, start: float, end: float | None = None) -> bool:
        """Whether a moment, or any part of something that lasted, lies in the range."""
        return start <= self.end and (start if end is None else end) >= self.start

    def __str__(self) -> str:
        return f"{clock(self.start)} to {clock(self.end)}"


def parse_range(start: str | None, end: str | None) -> TimeRange | None:
    """The range of `?from=&to=` in either order; None for anything that is no pair of times."""
    times = [parse_time(start), parse_time(end)]
    known = [time for time in times if time is not None]
    return TimeRange(min(known), max(known)) if len(known) == len(times) else None


def parse_time(text: str | None) -> float | None:
    """A moment in milliseconds from an address; None for anything else."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
