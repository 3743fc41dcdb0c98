"""What holds around every view: what is refused, and who may hold a page's window.

Refused are text that PostgreSQL cannot hold and reading cold traces.
"""

from collections.abc import Iterable, Iterator

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from trace_app.domain.states import TraceColdError

NUL = "\x00"
MESSAGE = "The address or the form holds a NUL character. Remove it and try again."
OWN_NAVIGATION = ("none", "same-origin")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class RefuseNul(MiddlewareMixin):
    """Answer 400 to NUL in a path, a query or a form.

    PostgreSQL's text cannot hold it (https://www.postgresql.org/docs/current/datatype-character.html),
    so each look-up would have to guard itself. JSON bodies are checked by their serializers.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Return the refusal of an address, or None to go on."""
        return _refusal(request, [request.path, *_texts(request.GET)])

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Return the refusal of a form; who may send one has been asked before."""
        is_form = request.content_type in FORMS and not getattr(view, "csrf_exempt", False)
        return _refusal(request, _texts(request.POST)) if is_form else None


class OwnWindow(MiddlewareMixin):
    """Take the page's window out of the hands of the site that opened it.

    Its mark makes a browser start another process for the page. So it is left out where no other
    site can have opened the window: an address typed, kept or handed over by another program, and
    our own links. A browser that does not say where it comes from gets the mark.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the mark to the answer."""
        if request.headers.get("Sec-Fetch-Site") not in OWN_NAVIGATION:
            response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response


class ColdTraces(MiddlewareMixin):
    """Answer 409 and say how to thaw where any page needs what lies in an archive."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page for a cold trace, None for every other error."""
        if not isinstance(exception, TraceColdError):
            return None
        context = {"cold": exception}
        return render(request, "trace_app/cold.html", context, status=409)


def _refusal(request: HttpRequest, texts: Iterable[str]) -> HttpResponse | None:
    if not any(NUL in text for text in texts):
        return None
    if request.path.startswith(("/v1/", "/guard/v1/")):
        return JsonResponse({"error": "nul_character", "message": MESSAGE}, status=400)
    return HttpResponseBadRequest(MESSAGE, content_type="text/plain; charset=utf-8")


def _texts(fields: QueryDict) -> Iterator[str]:
    for name, values in fields.lists():
        yield from (name, *map(str, values))
