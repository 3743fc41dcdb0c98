"""Opens the pages of a trace to the holder of a share, and to nobody else.

The pages themselves are the ordinary views; this finds the share, counts the visit and sets what
every answer under a secret must carry.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.csp import build_policy
from django.views.defaults import page_not_found

from trace_app.actions.shares import open_share, record_visit
from trace_app.domain.shares import SharedRef
from trace_app.domain.states import TraceColdError
from trace_app.http import Held

type View = Callable[..., HttpResponseBase]

_ANCESTORS: Final = re.compile(r"frame-ancestors [^;]*")
# What was recorded never changes, but a share ends: a browser asks again soon.
_ARCHIVED: Final = "The trace lies in an archive; a member of its team can thaw it."
_PIECES: Final = "private, max-age=300"


def for_holders(view: View, *, embedded: bool = False) -> View:
    """The view for readers without a session. Missing, expired and revoked answer the same 404."""

    @login_not_required
    @wraps(view)
    def shown(request: HttpRequest, ref: SharedRef, **named: Any) -> HttpResponseBase:
        share = open_share(ref)
        if share is None:
            return _closed(page_not_found(request, Http404("No such share.")))
        address = request.META.get("REMOTE_ADDR") or ""
        agent = request.headers.get("User-Agent", "").replace("\x00", "")
        record_visit(share=share, address=address, agent=agent, embedded=embedded)
        try:
            response = view(request, Held(ref, share, embedded), **named)
        except Http404 as error:
            response = page_not_found(request, error)
        except TraceColdError:
            response = HttpResponse(_ARCHIVED, status=409, content_type="text/plain")
        if embedded and response.status_code < 400:
            _let_in(response, share.trace.project.embed_origins)
        return _closed(response)

    return shown


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    """The address is the key: it goes to no other site, no search engine, no shared cache."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    keeps = "immutable" in response.get("Cache-Control", "")
    response["Cache-Control"] = _PIECES if keeps else "private, no-store"
    return response


def _let_in(response: HttpResponseBase, origins: list[str]) -> None:
    """Let the named sites frame this answer, and the embed's page frame its own pieces."""
    ours = cast("dict[str, list[str]]", settings.SECURE_CSP)
    policy = response.get("Content-Security-Policy") or build_policy(ours)
    ancestors = " ".join(["frame-ancestors 'self'", *origins])
    response["Content-Security-Policy"] = _ANCESTORS.sub(ancestors, policy)
    # The older header cannot name sites; where both are sent, browsers go by the policy.
    cast(Any, response).xframe_options_exempt = True
    del response["X-Frame-Options"]
