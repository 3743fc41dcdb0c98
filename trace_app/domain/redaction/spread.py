"""Values learned in one place, looked for in all others, however they are written there."""

import html
import json
from typing import Final
from urllib.parse import quote, quote_plus

from trace_app.domain.line_search import Pattern
from trace_app.domain.redaction.literals import Literals
from trace_app.domain.redaction.rules import may_spread

MAX_LEARNED: Final = 20_000
MAX_LEARNED_LENGTH: Final = 4096
_MAX_TOTAL: Final = 2 * 1024 * 1024
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
        self._dropped: set[int] = set()
        self._typed: dict[str, str] = {}
        self._total = 0
        self._places: dict[bytes, tuple[str, int, int]] = {}
        self._literals: Literals | None = None

    @property
    def count(self) -> int:
        """How many values are known."""
        return len(self.values) + len(self._typed)

    @property
    def dropped(self) -> int:
        """How many more values would be looked for if they were not too many or too long."""
        return len(self._dropped)

    def add(self, value: str, rule: str, *, typed: bool) -> None:
        """Takes a value in where it is long enough, or was typed into a secret field."""
        known = value in self.values or value in self._typed
        if known or not value:
            return
        spreads = may_spread(value)
        if not spreads and not typed:
            return
        total = self._total + len(value)
        too_long = len(value) > MAX_LEARNED_LENGTH
        if too_long or self.count >= MAX_LEARNED or total > _MAX_TOTAL:
            self._dropped.add(hash(value))
            return
        self._total = total
        self._literals = None
        (self.values if spreads else self._typed)[value] = rule

    def rule(self, value: str) -> str:
        """The rule that named it."""
        return self.values.get(value) or self._typed.get(value, "")

    def find(self, data: bytes) -> list[tuple[int, int, str]]:
        """(start, end, value) of every learned value in the bytes."""
        found = []
        for begin, literal in self.literals.find(data) if self.count else ():
            value, before, after = self._places[literal]
            found.append((begin + before, begin + len(literal) - after, value))
        return found

    def occurs(self, data: bytes) -> bool:
        """Whether any learned value may be in the bytes; False is sure."""
        return self.count > 0 and self.literals.may_occur(data)

    def dump(self) -> dict[str, dict[str, str]]:
        """What is known, for a live run's sealed state."""
        return {"values": self.values, "typed": self._typed}

    def load(self, dumped: dict[str, dict[str, str]]) -> None:
        """Takes back what dump gave."""
        self.values.update(dumped.get("values", {}))
        self._typed.update(dumped.get("typed", {}))
        self._total = sum(map(len, (*self.values, *self._typed)))
        self._literals = None

    @property
    def patterns(self) -> list[Pattern]:
        """One of them hits wherever a learned value is written: for a search of much text."""
        return self.literals.screens()

    @property
    def literals(self) -> Literals:
        """The learned values as they are written."""
        if self._literals is None:
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
            self._literals = Literals(self._places)
        return self._literals


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
