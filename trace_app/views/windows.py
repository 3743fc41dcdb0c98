"""Windows of events as JSON for the page's lists, hover card and close-up of the ribbons."""

from http import HTTPStatus

from django.http import HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from trace_app.domain.events import RIBBONS
from trace_app.domain.time_range import parse_range, parse_time
from trace_app.http import AuthedRequest, Held, read_access
from trace_app.models import Trace
from trace_app.queries.event_window import MOST_ROWS, event_marks, event_rows

_LONGEST = 16


@require_GET
def rows(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Rows from `?row=` on, of `?ribbon=`, inside `?from=&to=`.

    With `?at=` they lie around that event, with `?near=` around that time in milliseconds.
    """
    trace = read_access(request, ref).trace
    ribbon = request.GET.get("ribbon", "")
    found = event_rows(
        trace,
        ribbon=ribbon if ribbon in RIBBONS else "",
        held=parse_range(request.GET.get("from"), request.GET.get("to")),
        row=_whole(request.GET.get("row")) or 0,
        at=_whole(request.GET.get("at")),
        near=parse_time(request.GET.get("near")),
        count=min(max(_whole(request.GET.get("count")) or 60, 1), MOST_ROWS),
    )
    return _kept(JsonResponse(found), trace)


@require_GET
def marks(request: AuthedRequest, ref: str | Held) -> HttpResponse:
    """Every event of the stretch `?from=&to=` as columns."""
    trace = read_access(request, ref).trace
    held = parse_range(request.GET.get("from"), request.GET.get("to"))
    if held is None:
        told = {"error": "bad_range", "message": "Give from and to in milliseconds."}
        return JsonResponse(told, status=HTTPStatus.BAD_REQUEST)
    return _kept(JsonResponse(event_marks(trace, held)), trace)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) <= _LONGEST else None


def _kept(response: JsonResponse, trace: Trace) -> HttpResponse:
    if trace.is_finished and trace.processed:
        patch_cache_control(response, private=True, max_age=3600)
    return response
