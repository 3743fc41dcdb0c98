"""Paths into a clone's state: `payment_intents.-1.amount`. Names for objects, numbers for lists."""

from typing import Any, Final

MISSING: Final = object()


def look_up(state: Any, path: str) -> Any:
    """The value at a path, or MISSING."""
    value = state
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and _is_index(part, len(value)):
            value = value[int(part)]
        else:
            return MISSING
    return value


def same(actual: Any, expected: Any) -> bool:
    """Equality as JSON means it: true is not 1."""
    if isinstance(actual, bool) or isinstance(expected, bool):
        return actual is expected
    return bool(actual == expected)


def _is_index(part: str, size: int) -> bool:
    digits = part.removeprefix("-")
    return digits.isdecimal() and -size <= int(part) < size
