"""The Events tab's query box: `net:404 step:7 clone:stripe amt` read and matched. Pure.

Every word must match; lanes among themselves are alternatives, as are steps. An answer on the
network also has what its request had, so that `clone:stripe status:404` finds it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec

from trace_app.domain.event_text import describe
from trace_app.domain.events import KINDS, LEVELS, RIBBONS, Event

MAX_TERMS: Final = 12
MAX_LENGTH: Final = 300
# How much of an event is searched, and how many open requests are remembered for their answers.
MAX_TEXT: Final = 8_000
MAX_OPEN: Final = 2_000

_LANES: Final = {name: name for name in RIBBONS} | {"net": "network", "con": "console"}
FIELDS: Final = (*_LANES, "step", "seq", "clone", "kind", "level", "status")
_TERM: Final = re.compile(
    r"(?P<minus>-?)(?:(?P<alone>[A-Za-z]+):(?=\s|$)"
    r'|(?:(?P<field>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S+)))'
)
_SPAN: Final = re.compile(r"([0-9]{1,16})(?:(-|\.\.)([0-9]{1,16})?)?")
_STATUS: Final = re.compile(r"[1-5](?:[0-9]{2}|xx)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the query: `field` is "" for plain text; `value` is lower case."""

    field: str
    value: str
    negated: bool = False


@dataclass(frozen=True)
class EventQuery:
    """What was asked for. `problems` say which words mean nothing and were left out."""

    text: str
    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @cached_property
    def in_lanes(self) -> tuple[Term, ...]:
        """The words that name a lane; one of them has to hold."""
        return tuple(one for one in self.terms if one.field in _LANES and not one.negated)

    @cached_property
    def rest(self) -> tuple[Term, ...]:
        """The words that all have to hold; lanes and steps are alternatives and are not here."""
        return tuple(one for one in self.terms if one.negated or one.field not in {*_LANES, "step"})

    @cached_property
    def lanes(self) -> frozenset[str]:
        """The lanes that can hold a match; empty when any can."""
        return frozenset(_LANES[one.field] for one in self.in_lanes)

    @cached_property
    def needs_text(self) -> bool:
        """Whether what an event says has to be read."""
        return any(one.value and one.field in ("", *_LANES) for one in self.terms)

    @property
    def seq_from(self) -> int:
        """No match is before this seq."""
        spans = [_span(term.value) for term in self._of("seq")]
        return max((low for low, _high in spans), default=0)

    @cached_property
    def steps(self) -> tuple[tuple[int, int], ...]:
        """The steps asked for, as pairs of first and last; empty when any will do."""
        return tuple(_span(term.value) for term in self._of("step"))

    def _of(self, field: str) -> list[Term]:
        return [term for term in self.terms if term.field == field and not term.negated]


def parse_query(text: str) -> EventQuery:
    """Reads the box. Never fails: a word that makes no sense is left out and told."""
    text = " ".join(text[:MAX_LENGTH].split())
    terms: list[Term] = []
    problems: list[str] = []
    for found in _TERM.finditer(text):
        term, problem = _term(found)
        if problem:
            problems.append(problem)
        elif term is not None:
            terms.append(term)
    if len(terms) > MAX_TERMS:
        problems.append(f"only the first {MAX_TERMS} words are used")
    return EventQuery(text, tuple(terms[:MAX_TERMS]), tuple(problems))


def _term(found: re.Match[str]) -> tuple[Term | None, str]:
    value = (found["quoted"] or found["bare"] or "").lower()
    field = (found["field"] or found["alone"] or "").lower()
    negated = bool(found["minus"])
    if not field or value.startswith("//"):
        whole = f"{field}:{value}" if field else value
        return (Term("", whole, negated) if whole else None), ""
    if field not in FIELDS:
        known = ", ".join(f"{name}:" for name in FIELDS if name not in ("network", "console"))
        return None, f"{field}: is no field; there are {known}"
    return Term(field, value, negated), _nonsense(field, value)


def _nonsense(field: str, value: str) -> str:
    if field in ("step", "seq") and not _SPAN.fullmatch(value):
        return f"{field}: needs a number or a span such as {field}:3-5"
    if field == "level" and value not in LEVELS:
        return f"level: is one of {', '.join(LEVELS)}"
    if field == "status" and not _STATUS.fullmatch(value):
        return "status: needs a number such as 404, or a class such as 4xx"
    if field == "kind" and not any(kind.startswith(value) for kind in KINDS):
        return f"kind: no event kind begins with {value}"
    return ""


def matching(events: Iterable[Event], query: EventQuery) -> Iterator[Event]:
    """The events that match, in their order. Memory is bounded; work is one pass."""
    requests: dict[int, Event] = {}
    for event in events:
        if event.kind == "network.request":
            requests[event.seq] = event
            if len(requests) > MAX_OPEN:
                del requests[next(iter(requests))]
        request = requests.get(event.ref or 0) if event.kind.startswith("network.") else None
        if matches(event, query, request):
            yield event


def matches(event: Event, query: EventQuery, request: Event | None = None) -> bool:
    """Whether the event has every word. `request` is what a network answer belongs to."""
    if query.lanes and event.ribbon not in query.lanes:
        return False
    if query.steps and not any(low <= (event.step or 0) <= high for low, high in query.steps):
        return False
    both = [event, request] if request else [event]
    texts = [_text(one) for one in both] if query.needs_text else []
    lanes = query.in_lanes
    if lanes and not any(_in_lane(term, event, texts) for term in lanes):
        return False
    return all(_holds(term, event, both, texts) != term.negated for term in query.rest)


def _in_lane(term: Term, event: Event, texts: list[str]) -> bool:
    told = not term.value or any(term.value in text for text in texts)
    return told and event.ribbon == _LANES[term.field]


def _holds(term: Term, event: Event, both: list[Event], texts: list[str]) -> bool:
    field, value = term.field, term.value
    if field in _LANES:
        return _in_lane(term, event, texts)
    if field in ("step", "seq"):
        low, high = _span(value)
        number = event.step if field == "step" else event.seq
        return number is not None and low <= number <= high
    if field == "clone":
        return any(value in _clone(one) for one in both)
    if field == "status":
        return _status(event, value)
    if field in ("kind", "level"):
        return event.kind.startswith(value) if field == "kind" else event.level == value
    return any(value in text for text in texts)


def _span(value: str) -> tuple[int, int]:
    """`7` is 7 to 7, `3-5` is 3 to 5, `3-` has no end."""
    found = _SPAN.fullmatch(value)
    if found is None:
        return (0, 0)
    low = int(found[1])
    if not found[2]:
        return (low, low)
    return (low, int(found[3]) if found[3] else 2**53)


def _clone(event: Event) -> str:
    source = str(event.data.get("source") or "")
    named = source.removeprefix("clone:") if source.startswith("clone:") else ""
    return f"{event.data.get('clone') or ''} {named}".lower()


def _status(event: Event, wanted: str) -> bool:
    status = str(event.data.get("status") or "")
    return status == wanted or (wanted.endswith("xx") and status[:1] == wanted[:1] != "")


def _text(event: Event) -> str:
    body = msgspec.json.encode(event.data)[:MAX_TEXT].decode(errors="ignore")
    return f"{event.kind} {describe(event)} {body}".lower()
