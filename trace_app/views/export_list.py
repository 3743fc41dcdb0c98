"""The list as a file for spreadsheets: the same filters, streamed page by page."""

from collections.abc import AsyncIterator
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from trace_app.domain import csv_text
from trace_app.domain.filters import Filters
from trace_app.http import AuthedRequest
from trace_app.models import Team
from trace_app.permissions import VIEW, teams_with
from trace_app.queries import traces
from trace_app.queries.listed import ListedTrace
from trace_app.views.finding import own_names, read_filters

MOST: Final = 10_000
PIECE: Final = 1000
HEAD: Final = (
    *("trace", "title", "status", "source", "tier", "project", "scenario", "test", "branch", "pr"),
    *("commit", "author", "failing_step", "signature", "error", "mender", "pinned", "created"),
    *("duration_ms", "url"),
)


@require_GET
def csv_file(request: AuthedRequest) -> HttpResponseBase:
    """Send the newest 10,000 traces of these filters as CSV."""
    teams = teams_with(request.user, VIEW)
    found = _pieces(teams, read_filters(request.GET), own_names(request.user))
    name = f"traces-{timezone.now():%Y-%m-%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(found, content_type="text/csv; charset=utf-8", headers=headers)


async def _pieces(
    teams: QuerySet[Team], filters: Filters, me: tuple[str, ...]
) -> AsyncIterator[bytes]:
    """Pages of the list after each other, so that memory holds one of them."""
    find = sync_to_async(traces.find)
    yield csv_text.rows([HEAD]).encode()
    cursor, left = "", MOST
    while left > 0:
        page = await find(teams, filters, cursor, min(PIECE, left), me)
        if page.traces:
            yield csv_text.rows(map(line, page.traces)).encode()
        cursor, left = page.next_cursor, left - PIECE
        if not cursor:
            return


def line(trace: ListedTrace) -> tuple[object, ...]:
    """One trace in the order of HEAD."""
    link = reverse("trace_app:trace", args=[trace.short_id])
    return (
        *(trace.short_id, trace.title, trace.status, trace.source, trace.tier),
        *(trace.project.slug, trace.scenario_slug, trace.test_id, trace.branch, trace.pr_number),
        *(trace.code_sha, trace.author, trace.failing_step),
        *(trace.signature.slug if trace.signature else "", trace.error_line, trace.mender_state),
        *("yes" if trace.pinned else "", trace.created.isoformat(timespec="seconds")),
        *(round(trace.duration_ms), f"{settings.TRACE_PUBLIC_URL}{link}"),
    )
