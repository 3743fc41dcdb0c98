"""The panel that shows what changed between the cursors A and B."""

from typing import Any

from django.http import QueryDict

from trace_app.domain.archive import ArchiveError
from trace_app.domain.delta import TextOf
from trace_app.domain.event_text import describe
from trace_app.domain.events import Event
from trace_app.domain.playwright import PlaywrightError
from trace_app.domain.playwright.snapshot.page_text import page_lines
from trace_app.models import Trace
from trace_app.queries.delta import between, cursor
from trace_app.queries.moments import Moment
from trace_app.storage import packages


def delta_panel(trace: Trace, moment: Moment, query: QueryDict) -> dict[str, Any]:
    """The delta of `?a=&b=` (numbers of events); without both it says how to set them."""
    del moment
    a, b = cursor(trace, query.get("a")), cursor(trace, query.get("b"))
    found = between(trace, a, b, _reader(trace)) if a and b else None
    return {
        "a": a,
        "b": b,
        "delta": found,
        "said": [(event, describe(event)) for event in found.console] if found else [],
    }


def _reader(trace: Trace) -> TextOf:
    """Reads the words of a snapshot out of the trace's zip, where it has one."""

    def lines(event: Event) -> list[str] | None:
        if not trace.playwright_zip:
            return None
        try:
            renderer = packages.renderer(trace.playwright_zip)
        except (ArchiveError, PlaywrightError, FileNotFoundError):
            return None
        shot = renderer.main(str(event.data.get("call_id")), str(event.data.get("phase")))
        return list(page_lines(renderer.elements(shot))) if shot else None

    return lines
