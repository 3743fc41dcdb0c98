"""The elements of a recorded page: found by a word, one picked, with what became of it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from trace_app.domain.archive import ArchiveError
from trace_app.domain.playwright import PlaywrightError
from trace_app.domain.playwright.snapshot import Renderer
from trace_app.http import AuthedRequest, Held, read_access
from trace_app.models import Trace
from trace_app.queries.element_history import element_at, history, listed
from trace_app.queries.events import get_event
from trace_app.storage import packages

_LONGEST = 2000


@require_GET
@vary_on_headers("HX-Request")
def element_list(request: AuthedRequest, ref: str | Held, seq: int) -> HttpResponse:
    """List the elements of the snapshot that `?find=` names; show the one of the key `?pick=`."""
    access = read_access(request, ref)
    event = get_event(access.trace, seq)
    if event is None or event.kind != "dom.snapshot":
        raise Http404("No such snapshot.")
    call, phase = str(event.data.get("call_id")), str(event.data.get("phase"))
    renderer = _renderer(access.trace)
    sought, key = request.GET.get("find", "")[:200], request.GET.get("pick", "")[:_LONGEST]
    found, total = listed(renderer, call, phase, sought)
    context = {
        "ref": access.ref,
        "seq": seq,
        "elements": found,
        "total": total,
        "sought": sought,
        "key": key,
        "picked": element_at(renderer, call, phase, key) if key else None,
        "pieces": history(access.trace, renderer, call, phase, key) if key else [],
    }
    return render(request, "trace_app/parts/elements.html", context)


def _renderer(trace: Trace) -> Renderer:
    try:
        return packages.renderer(trace.playwright_zip)
    except (ArchiveError, PlaywrightError, FileNotFoundError) as error:
        raise Http404("The snapshots are no longer kept.") from error
