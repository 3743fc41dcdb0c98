"""Compares two JSON values and names what differs by path. Knows no dimension."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trace_app.domain.diff.volatile import same_value

_SHORT = 160
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Change:
    """A difference at `path` (`payment_intents[0].amount`). `op` is changed, added or removed."""

    path: str
    op: str
    before: Any
    after: Any

    @property
    def same_as(self) -> tuple[str, str, str, str]:
        """Equal for the same change seen again at a later step."""
        return (self.path, self.op, show(self.before) or "", show(self.after) or "")


def show(value: Any) -> str | None:
    """A value in a few words: strings bare, the rest as compact JSON, cut at 160 characters."""
    if value is None or isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(", ", ": "))
    return text if text is None or len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def changes(a: Any, b: Any, path: str = "") -> Iterator[Change]:
    """Differences of two values, deepest path that still tells them apart; clocks and ids ignored.

    A part that exists on one side only is one change, whatever its size.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted({*a, *b}, key=str):
            where = f"{path}.{key}" if path else str(key)
            yield from _member(a.get(key, _ABSENT), b.get(key, _ABSENT), where)
    elif isinstance(a, list) and isinstance(b, list):
        for i in range(max(len(a), len(b))):
            left = a[i] if i < len(a) else _ABSENT
            right = b[i] if i < len(b) else _ABSENT
            yield from _member(left, right, f"{path}[{i}]")
    elif not same_value(_last(path), a, b):
        yield Change(path, "changed", a, b)


def _member(a: Any, b: Any, path: str) -> Iterator[Change]:
    if a is _ABSENT:
        yield Change(path, "added", None, b)
    elif b is _ABSENT:
        yield Change(path, "removed", a, None)
    else:
        yield from changes(a, b, path)


def _last(path: str) -> str:
    return path.rsplit(".", 1)[-1].split("[", 1)[0]
