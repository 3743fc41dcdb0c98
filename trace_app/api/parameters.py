"""Query parameters of the API, checked: what cannot be understood answers 400 and names itself."""

from collections.abc import Callable
from datetime import UTC
from typing import Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from trace_app.domain.events import KINDS, MAX_SEQ, RIBBONS
from trace_app.domain.states import Tier, TraceSource, TraceStatus
from trace_app.domain.wall_clock import read_moment
from trace_app.queries.event_chunks import Window
from trace_app.queries.traces import Filters, is_cursor

_WORDS: Final[dict[str, frozenset[str]]] = {
    "status": frozenset(word.value for word in TraceStatus),
    "source": frozenset({*(word.value for word in TraceSource), "any"}),
    "tier": frozenset(word.value for word in Tier),
    "ribbon": frozenset(RIBBONS),
    "kind": frozenset(KINDS),
}
_FREE: Final = ("project", "scenario", "signature", "branch", "q", "pr", "sha", "author")


def read_filters(request: Request) -> Filters:
    """The list's filters. Raises ValidationError naming the parameter."""
    chosen: dict[str, Any] = {name: read_text(request, name) for name in _FREE}
    chosen |= {name: read_word(request, name) for name in ("status", "source", "tier")}
    return Filters(since=_moment(request, "from"), until=_moment(request, "to"), **chosen)


def read_cursor(request: Request) -> str:
    """Where a page begins; one that no page gave is refused, not read as the first page."""
    cursor = read_text(request, "cursor")
    if cursor and not is_cursor(cursor):
        raise ValidationError({"cursor": "the `next` of an earlier page"})
    return cursor


def read_limit(request: Request, *, default: int, highest: int) -> int:
    """How many rows an answer holds."""
    limit = _number(request, "limit", int)
    if limit is None:
        return default
    if not 1 <= limit <= highest:
        raise ValidationError({"limit": f"from 1 to {highest}"})
    return int(limit)


def read_window(request: Request) -> Window:
    """Keyword arguments of `queries.events.lines`."""
    kind = read_word(request, "kind")
    return {
        "ribbon": read_word(request, "ribbon") or None,
        "kinds": (kind,) if kind else None,
        "step": _number(request, "step", int),
        "seq_from": _number(request, "seq_from", int),
        "seq_to": _number(request, "seq_to", int),
        "ts_from": _number(request, "ts_from", float),
        "ts_to": _number(request, "ts_to", float),
    }


def read_text(request: Request, name: str) -> str:
    """Free text without what no column can hold."""
    value: str = request.GET.get(name, "")
    if "\x00" in value or len(value) > 1000:
        raise ValidationError({name: "at most 1000 characters, none of them NUL"})
    return value


def read_word(request: Request, name: str) -> str:
    """A word of a closed set, "" when it is not given."""
    value: str = request.GET.get(name, "")
    if value and value not in _WORDS[name]:
        raise ValidationError({name: f"one of {', '.join(sorted(_WORDS[name]))}"})
    return value


def _number[N: (int, float)](request: Request, name: str, read: Callable[[str], N]) -> N | None:
    value = request.GET.get(name, "")
    if not value:
        return None
    try:
        number = read(value)
    except (ValueError, OverflowError):
        number = read("-1")
    if not 0 <= number <= MAX_SEQ:
        raise ValidationError({name: "a number of at least 0"})
    return number


def _moment(request: Request, name: str) -> str:
    """A time as RFC 3339 with its zone, "" when it is not given."""
    value = request.GET.get(name, "")
    if not value:
        return ""
    # A plus sign in an address is a space.
    moment = read_moment(value.replace(" ", "+"), assumed=UTC)
    if moment is None:
        raise ValidationError({name: "a time such as 2026-11-22T10:00:00Z"})
    return moment.isoformat()
