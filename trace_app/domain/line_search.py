"""Regular expressions over bytes in linear time (RE2), and which lines of a text they hit.

A text is searched whole, which is many times faster than decoding its lines or searching each.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import re2

_MEMORY: Final = 64 * 1024 * 1024

type Pattern = Any  # the library has no types

type Span = tuple[int, int]
"""Where a line begins and where its newline stands."""


def over_bytes(pattern: str, *, longest: bool = False, text: bool = False) -> Pattern:
    """A pattern over bytes as they are; with `text` over UTF-8. Raises re2.error.

    `longest` takes the longest alternative, where the default takes the first.
    """
    options = re2.Options()
    options.encoding = options.Encoding.UTF8 if text else options.Encoding.LATIN1
    options.longest_match = longest
    options.log_errors = False
    options.max_mem = _MEMORY
    return re2.compile(pattern.encode(), options)


def lines_hit(text: bytes, patterns: Iterable[Pattern]) -> list[Span]:
    """The lines that any of the patterns hits, in order."""
    found: set[Span] = set()
    for pattern in patterns:
        for begin, end in _hits(pattern, text):
            # A hit over the end of a line belongs to both.
            start = text.rfind(b"\n", 0, begin) + 1
            while start < end:
                stop = _end_of_line(text, start)
                found.add((start, stop))
                start = stop + 1
    return sorted(found)


@lru_cache(maxsize=64)
def either(one: Pattern, other: Pattern) -> Pattern:
    """A pattern that hits where one of two does, both over bytes as they are.

    A text is searched for both as fast as for one.
    """
    return over_bytes(f"{one.pattern.decode()}|{other.pattern.decode()}")


def _hits(pattern: Pattern, text: bytes) -> Iterator[Span]:
    """One hit per line: the next search begins behind it."""
    at = 0
    while at < len(text) and (match := pattern.search(text, at)) is not None:
        begin, end = match.span()
        yield begin, end
        at = _end_of_line(text, max(end - 1, begin)) + 1


def _end_of_line(text: bytes, at: int) -> int:
    end = text.find(b"\n", at)
    return len(text) if end < 0 else end
