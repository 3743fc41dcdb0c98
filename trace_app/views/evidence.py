"""One event as text to paste elsewhere: Markdown for a comment, curl for a terminal."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from trace_app.domain.events import Event
from trace_app.domain.evidence import curl, markdown
from trace_app.http import AuthedRequest, Held, read_access
from trace_app.models import Trace
from trace_app.queries.event_lines import requests_of
from trace_app.queries.events import get_event
from trace_app.storage.bodies import body_text


@require_GET
def evidence(request: AuthedRequest, ref: str | Held, seq: int) -> HttpResponse:
    """The event as Markdown evidence with its permalink; with `?as=curl` a request's command."""
    trace = read_access(request, ref).trace
    event = get_event(trace, seq)
    if event is None:
        raise Http404("No such event.")
    if request.GET.get("as") != "curl":
        text = _markdown(trace, event)
    elif event.kind == "network.request":
        text = curl(event.data, body_text(trace, event.data))
    else:
        raise Http404("Only a request can be asked again.")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _markdown(trace: Trace, event: Event) -> str:
    step = "" if event.step is None else f"?step={event.step}"
    link = f"{reverse('trace_app:trace', args=[trace.short_id])}{step}#seq={event.seq}"
    error = ""
    if event.level == "error" and event.step is not None:
        found = trace.steps.filter(number=event.step).first()
        error = found.error if found else ""
    return markdown(
        event,
        short_id=trace.short_id,
        title=trace.title,
        link=f"{settings.TRACE_PUBLIC_URL}{link}",
        error=error,
        asked=requests_of(trace, [event]).get(event.ref),
    )
