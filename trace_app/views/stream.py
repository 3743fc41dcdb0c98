"""The stream that lets a page grow with its run, whoever reads it."""

from django.db import connections
from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET

from trace_app.http import AuthedRequest, Held, read_access
from trace_app.queries.event_chunks import require_thawed
from trace_app.serializers.live_stream import Listener, event_stream


@require_GET
def stream(request: AuthedRequest, ref: str | Held) -> StreamingHttpResponse:
    """Send what a page draws of each event after `?after=`; ends with the run or the right."""
    try:
        access = read_access(request, ref)
        require_thawed(access.trace)
        reader = access.held.share if access.held else request.user
        return event_stream(request, Listener(str(access.trace.pk), reader, drawing=True))
    finally:
        # The stream stays for as long as the page is looked at.
        connections.close_all()
