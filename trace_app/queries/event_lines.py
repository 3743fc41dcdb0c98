"""Events with a line of text each, in which an answer says what was asked. Reads only."""

from collections.abc import Iterable, Sequence

from trace_app.domain.event_text import ANSWERS, describe
from trace_app.domain.events import Event
from trace_app.models import Trace
from trace_app.queries.events import at


def told(trace: Trace, shown: Sequence[Event]) -> list[tuple[Event, str]]:
    """Each event with what happened in it."""
    asked = requests_of(trace, shown, among=shown)
    return [(event, describe(event, asked.get(event.ref))) for event in shown]


def requests_of(
    trace: Trace, shown: Iterable[Event], *, among: Iterable[Event] = ()
) -> dict[int | None, Event]:
    """The requests that the shown answers belong to, by seq; read where they are not `among`."""
    wanted = {event.ref for event in shown if event.kind in ANSWERS and event.ref}
    if not wanted:
        return {}
    held = [event for event in among if event.seq in wanted]
    held += at(trace, wanted - {event.seq for event in held})
    return {event.seq: event for event in held}
