"""Pictures, pages, bodies and sources of a stored record. Nothing here can run in our origin."""

import mimetypes
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET

from trace_app.domain.archive import ArchiveError
from trace_app.domain.events import Event
from trace_app.domain.playwright import PlaywrightError
from trace_app.domain.playwright.snapshot import SNAPSHOT_POLICY, RenderError
from trace_app.http import AuthedRequest, Held, file_response, get_events_of_or_404
from trace_app.models import Blob, Trace, TraceBlob
from trace_app.queries.event_chunks import require_thawed
from trace_app.queries.events import get_event
from trace_app.storage import blobs, packages
from trace_app.storage.tickets import verify

MAX_SHOWN: Final = 64 * 1024 * 1024
# A page that opens a recorded body directly must find nothing to run and nothing to fetch.
_INERT: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
# A test runner's attachments have no extension: their first bytes tell a picture.
_BEGINNINGS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@require_GET
def frame(request: AuthedRequest, ref: str | Held, seq: int) -> HttpResponse:
    """The picture of a video frame, or of any event that carries one."""
    trace = _read(request, ref)
    image = _event(trace, seq).data.get("image")
    if not isinstance(image, dict):
        raise Http404("This event has no picture.")
    if isinstance(image.get("$blob"), str):
        return _kept(_blob(trace, image["$blob"]), "image/jpeg")
    return _member(trace, str(image.get("$member") or ""))


@require_GET
def snapshot(request: AuthedRequest, ref: str | Held, seq: int) -> HttpResponse:
    """A recorded page, without script and without network, for a sandboxed frame of ours."""
    trace = _read(request, ref)
    data = _event(trace, seq, "dom.snapshot").data
    try:
        shown = packages.renderer(_zip(trace)).render(
            str(data.get("call_id")), str(data.get("phase")), request.GET.get("pick", "")[:2000]
        )
    except RenderError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain")
    except (ArchiveError, PlaywrightError, FileNotFoundError) as error:
        raise Http404("The snapshot is no longer kept.") from error
    if shown is None:
        raise Http404("The snapshot was not recorded.")
    response = HttpResponse(shown.html, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = SNAPSHOT_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return _unchanging(response)


@require_GET
def source(request: AuthedRequest, ref: str) -> HttpResponse:
    """A source file as it was recorded, named by ?path=, as plain text."""
    trace = get_events_of_or_404(request, ref)
    try:
        name = packages.source_member(_zip(trace), request.GET.get("path", ""))
    except (ArchiveError, PlaywrightError, FileNotFoundError) as error:
        raise Http404("The sources are no longer kept.") from error
    if name is None:
        raise Http404("This file was not recorded.")
    return _member(trace, name, "text/plain; charset=utf-8")


@require_GET
def member(request: AuthedRequest, ref: str | Held, name: str) -> HttpResponse:
    """A member of the trace's Playwright zip: a body, an attachment, a picture."""
    return _member(_read(request, ref), name)


@require_GET
def blob(request: AuthedRequest, ref: str, sha256: str) -> HttpResponse:
    """A blob that one of the trace's events names."""
    trace = get_events_of_or_404(request, ref)
    return _kept(_blob(trace, sha256), "application/octet-stream")


@login_not_required
@require_GET
def signed_blob(request: AuthedRequest, ticket: str) -> HttpResponseBase:
    """A blob for whoever holds its ten-minute ticket, as a download."""
    sha256 = verify(ticket)
    row = Blob.objects.filter(sha256=sha256 or "").first()
    if row is None or not blobs.exists(row.sha256):
        raise Http404("This address has expired.")
    response = file_response(
        blobs.open_blob(row.sha256),
        content_type="application/octet-stream",
        filename=f"{row.sha256}{mimetypes.guess_extension(row.content_type) or ''}",
    )
    response["Content-Security-Policy"] = _INERT
    return response


def _read(request: AuthedRequest, ref: str | Held) -> Trace:
    """The trace with few columns: its summary alone can take longer to read than a snapshot."""
    return ref.share.trace if isinstance(ref, Held) else get_events_of_or_404(request, ref)


def _event(trace: Trace, seq: int, kind: str = "") -> Event:
    found = get_event(trace, seq, kind)
    if found is None:
        raise Http404("No such event.")
    return found


def _zip(trace: Trace) -> str:
    require_thawed(trace)
    if not trace.playwright_zip:
        raise Http404("No Playwright zip was captured with this trace.")
    return trace.playwright_zip


def _member(trace: Trace, name: str, content_type: str = "") -> HttpResponse:
    try:
        content = packages.read_member(_zip(trace), name, MAX_SHOWN)
    except (ArchiveError, FileNotFoundError) as error:
        raise Http404("It is no longer kept.") from error
    if content is None:
        raise Http404("It is not in the trace's zip.")
    return _kept(content, content_type or mimetypes.guess_type(name)[0] or _looks_like(content))


def _blob(trace: Trace, reference: str) -> bytes:
    require_thawed(trace)
    sha256 = reference.removeprefix("sha256:")
    if not TraceBlob.objects.filter(trace=trace, blob_id=sha256).exists():
        raise Http404("No such blob.")
    try:
        with blobs.open_blob(sha256) as kept:
            content = kept.read(MAX_SHOWN + 1)
    except FileNotFoundError as error:
        raise Http404("It is no longer kept.") from error
    if len(content) > MAX_SHOWN:
        raise Http404("It is too large to be shown here; the API gives an address to load it from.")
    return content


def _looks_like(content: bytes) -> str:
    found = (kind for start, kind in _BEGINNINGS.items() if content.startswith(start))
    return next(found, "")


def _kept(content: bytes, content_type: str) -> HttpResponse:
    """Pictures as they are; everything else as text, so that nothing is taken for a page."""
    plain = content_type if content_type in _PICTURES else "text/plain; charset=utf-8"
    response = HttpResponse(content, content_type=plain)
    response["Content-Security-Policy"] = _INERT
    return _unchanging(response)


def _unchanging(response: HttpResponse) -> HttpResponse:
    """What was recorded never changes, so the browser need not ask twice."""
    patch_cache_control(response, private=True, max_age=31_536_000, immutable=True)
    return response
