"""Values learned in one place, looked for in all others, however they are written there."""

import html
import json
from typing import Final
from urllib.parse import quote, quote_plus

from trace_app.domain.line_search import Pattern
from trace_app.domain.redaction.patterns import over_bytes, quoted
from trace_app.domain.redaction.rules import may_spread

MAX_LEARNED: Final = 2000
MAX_LEARNED_LENGTH: Final = 4096
_MAX_TOTAL: Final = 512 * 1024
# So few are found faster each by itself, as plain bytes, than all by one pattern.
_FEW: Final = 8
# How recorders, programs and scenarios write what was typed. Values too short to be looked for
# on their own are found in these.
_TYPED: Final = (
    ('fill("', '")'),
    ("fill('", "')"),
    ('type("', '")'),
    ("type('", "')"),
    ('Fill "', '"'),
    ('Type "', '"'),
    ('with "', '"'),
)


class Learned:
    """Values and the rule that named each; `count` grows with every new one."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.dropped = 0
        self._typed: dict[str, str] = {}
        self._total = 0
        self._places: dict[bytes, tuple[str, int, int]] = {}
        self._pattern: Pattern | None = None

    @property
    def count(self) -> int:
        """How many values are known."""
        return len(self.values) + len(self._typed)

    def add(self, value: str, rule: str, *, typed: bool) -> None:
        """Takes a value in where it is long enough, or was typed into a secret field."""
        known = value in self.values or value in self._typed
        if known or not value or len(value) > MAX_LEARNED_LENGTH:
            return
        spreads = may_spread(value)
        if not spreads and not typed:
            return
        if self.count >= MAX_LEARNED or self._total + len(value) > _MAX_TOTAL:
            self.dropped += 1
            return
        self._total += len(value)
        self._pattern = None
        (self.values if spreads else self._typed)[value] = rule

    def rule(self, value: str) -> str:
        """The rule that named it."""
        return self.values.get(value) or self._typed.get(value, "")

    def find(self, data: bytes) -> list[tuple[int, int, str]]:
        """(start, end, value) of every learned value in the bytes."""
        pattern = self.pattern
        if pattern is None:
            return []
        found = []
        for match in pattern.finditer(data):
            value, before, after = self._places[match[0]]
            found.append((match.start() + before, match.end() - after, value))
        return found

    def occurs(self, data: bytes) -> bool:
        """Whether any learned value is in the bytes."""
        pattern = self.pattern
        return pattern is not None and pattern.search(data) is not None

    def dump(self) -> dict[str, dict[str, str]]:
        """What is known, for a live run's sealed state."""
        return {"values": self.values, "typed": self._typed}

    def load(self, dumped: dict[str, dict[str, str]]) -> None:
        """Takes back what dump gave."""
        self.values.update(dumped.get("values", {}))
        self._typed.update(dumped.get("typed", {}))
        self._total = sum(map(len, (*self.values, *self._typed)))
        self._pattern = None

    @property
    def patterns(self) -> list[Pattern]:
        """One of them hits wherever `pattern` does: for a search of much text."""
        pattern = self.pattern
        if pattern is None or len(self._places) > _FEW:
            return [pattern] if pattern else []
        return [over_bytes(quoted(literal)) for literal in self._places]

    @property
    def pattern(self) -> Pattern | None:
        """Hits wherever a learned value is written; None while none is known."""
        if self._pattern is None and self.count:
            self._places = {}
            for value in self.values:
                for spelled in _spellings(value):
                    self._places.setdefault(spelled.encode(errors="replace"), (value, 0, 0))
            for value in self._typed:
                for before, after in _TYPED:
                    for write in (str, _in_json):
                        parts = [write(part).encode() for part in (before, value, after)]
                        place = (value, len(parts[0]), len(parts[2]))
                        self._places.setdefault(b"".join(parts), place)
            literals = sorted(self._places)
            self._pattern = over_bytes("|".join(map(quoted, literals)), longest=True)
        return self._pattern


def _spellings(value: str) -> set[str]:
    """The value as it stands in text, JSON, JSON within JSON, addresses, forms and HTML."""
    once = _in_json(value)
    ascii_only = json.dumps(value)[1:-1]
    return {
        value,
        once,
        _in_json(once),
        ascii_only,
        _in_json(ascii_only),
        quote(value, safe="", errors="replace"),
        quote(value, errors="replace"),
        quote_plus(value, errors="replace"),
        html.escape(value),
    }


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
