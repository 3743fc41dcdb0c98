"""Many texts looked for at once, however many and however long.

A pattern holds only their beginnings, and only some thousands of them: beyond that RE2 leaves its
fast automaton and searches a hundred times more slowly. What it hits is compared whole.
"""

from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Final

from trace_app.domain.line_search import Pattern
from trace_app.domain.redaction.patterns import over_bytes, quoted

_BEGINNING: Final = 16
_TOGETHER: Final = 3000
# So few are found faster each by itself, as plain bytes, than all by one pattern.
_FEW: Final = 8


class Literals:
    """A set of texts, as bytes, made once."""

    def __init__(self, literals: Iterable[bytes]) -> None:
        self._by_beginning: dict[bytes, dict[int, set[bytes]]] = {}
        self._literals = sorted(set(literals))
        for literal in self._literals:
            by_length = self._by_beginning.setdefault(literal[:_BEGINNING], {})
            by_length.setdefault(len(literal), set()).add(literal)
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning}, reverse=True)
        self._patterns = [
            over_bytes("|".join(map(quoted, some)), longest=True)
            for some in batched(self._by_beginning, _TOGETHER)
        ]

    def screens(self) -> list[Pattern]:
        """One of them hits wherever one of the texts stands, and now and then elsewhere."""
        if len(self._literals) <= _FEW:
            return [over_bytes(quoted(literal)) for literal in self._literals]
        return self._patterns

    def may_occur(self, data: bytes) -> bool:
        """Whether any of the texts may be in the data; False is sure."""
        return any(pattern.search(data) is not None for pattern in self._patterns)

    def find(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Where each stands, the longest where several begin, overlapping ones too; in no order."""
        for pattern in self._patterns:
            at = 0
            while (match := pattern.search(data, at)) is not None:
                at = match.start()
                if found := self._longest(data, at):
                    yield at, found
                at += 1

    def _longest(self, data: bytes, at: int) -> bytes:
        best = b""
        for length in self._lengths:
            for size, some in self._by_beginning.get(data[at : at + length], {}).items():
                if size > len(best) and data[at : at + size] in some:
                    best = data[at : at + size]
        return best
