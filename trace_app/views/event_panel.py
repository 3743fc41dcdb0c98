"""The Events tab: the step's or the range's events, or what the query box finds in all lanes."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.http import QueryDict

from trace_app.domain.event_query import EventQuery, parse_query
from trace_app.domain.events import RIBBONS, Event
from trace_app.domain.time_range import TimeRange, parse_range
from trace_app.models import Trace
from trace_app.queries.event_lines import told
from trace_app.queries.event_search import Found, search
from trace_app.queries.events import events
from trace_app.queries.moments import Moment, step_events

# With script the list goes on by itself; without, by a link.
EVENTS_SHOWN: Final = 100
RIBBON_NAMES: Final = [(name, "DOM" if name == "dom" else name.capitalize()) for name in RIBBONS]


def event_list(trace: Trace, moment: Moment, query: QueryDict) -> dict[str, Any]:
    """The events of the range or of the step, or of the whole run where something is sought."""
    ribbon = query.get("ribbon", "")
    ribbon = ribbon if ribbon in RIBBONS else ""
    held = parse_range(query.get("from"), query.get("to"))
    after = query.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 17 else 0
    sought = parse_query(query.get("q", ""))
    if sought:
        found = search(trace, _in(sought, ribbon), held, seq_from=start, limit=EVENTS_SHOWN)
    else:
        found = _listed(trace, moment, held, ribbon, start)
    return {
        "lines": told(trace, found.events),
        "next_from": found.next_from,
        "ribbon": ribbon,
        "ribbons": RIBBON_NAMES,
        "range": held,
        "sought": sought,
    }


def _in(sought: EventQuery, ribbon: str) -> EventQuery:
    """The query within the chosen ribbon, unless it names lanes itself."""
    return parse_query(f"{ribbon}: {sought.text}") if ribbon and not sought.lanes else sought


def _listed(trace: Trace, moment: Moment, held: TimeRange | None, ribbon: str, start: int) -> Found:
    wanted = (
        event
        for event in _near(trace, moment, held, ribbon, start)
        if ribbon or event.ribbon != "video"
    )
    shown = list(islice(wanted, EVENTS_SHOWN + 1))
    rest = shown[EVENTS_SHOWN:]
    return Found(tuple(shown[:EVENTS_SHOWN]), rest[0].seq if rest else None)


def _near(
    trace: Trace, moment: Moment, held: TimeRange | None, ribbon: str, start: int
) -> Iterator[Event]:
    lane = ribbon or None
    if held is None:
        return step_events(trace, moment, ribbon=lane, seq_from=start)
    return events(trace, ribbon=lane, seq_from=start, ts_from=held.start, ts_to=held.end)
