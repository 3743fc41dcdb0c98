"""Compares the steps before N with the recording.

What changed, and whether that is a divergence. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# What differs between any two runs on the same code: clock times, dates, long ids.
_VOLATILE: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
    r"|\b\d{1,2}:\d{2}(?::\d{2})?\b"
    r"|\b[0-9a-f]{16,}\b",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A step as recorded or as it came out now; `aria` is the page's accessible text after it."""

    status: str
    aria: str | None = None


def changed_before(
    recorded: Mapping[int, Seen], now: Mapping[int, Seen], from_step: int
) -> tuple[str, ...]:
    """One sentence per step before `from_step` that came out differently."""
    sentences: list[str] = []
    for no in range(1, from_step):
        before, after = recorded.get(no), now.get(no)
        if before is not None and after is not None:
            sentences += _differences(no, before, after)
    return tuple(sentences)


def same_page(before: str | None, after: str | None) -> bool:
    """Whether two accessible texts say the same, clock times and long ids aside."""
    if before is None or after is None:
        return True
    return _VOLATILE.sub("…", before) == _VOLATILE.sub("…", after)


def _differences(no: int, before: Seen, after: Seen) -> Sequence[str]:
    if before.status != after.status:
        return [f"step {no}: {before.status} → {after.status}"]
    if not same_page(before.aria, after.aria):
        return [f"step {no}: the page reads differently"]
    return []
