"""The panel that shows what changed between the cursors A and B."""

from typing import Any

from django.http import QueryDict

from trace_app.domain.event_text import describe
from trace_app.models import Trace
from trace_app.queries.delta import between, cursor
from trace_app.queries.moments import Moment


def delta_panel(trace: Trace, moment: Moment, query: QueryDict) -> dict[str, Any]:
    """The delta of `?a=&b=` (numbers of events); without both it says how to set them."""
    del moment
    a, b = cursor(trace, query.get("a")), cursor(trace, query.get("b"))
    found = between(trace, a, b) if a and b else None
    return {
        "a": a,
        "b": b,
        "delta": found,
        "said": [(event, describe(event)) for event in found.console] if found else [],
    }
