"""The list of traces: saved views, filters from the address, keyset pages. Reads only."""

import base64
import binascii
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.utils import timezone

from trace_app.domain.states import QUIET_SOURCES, TraceStatus
from trace_app.models import Team, Trace

PAGE: Final = 50
VIEWS: Final = {
    "all": "All",
    "failed": "Failed · 24h",
    "pinned": "Pinned",
    "running": "Running",
    "awaiting": "Awaiting promote",
}
AWAITING: Final = ("suggested", "draft", "needs_edit")
# The list never shows these columns, and they are large.
_HEAVY: Final = ("summary", "manifest", "search", "project__webhook_secret")
_TOKENS: Final = frozenset({"signature", "branch", "sha", "scenario", "status", "source", "pr"})


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; an empty string asks for nothing."""

    view: str = "all"
    q: str = ""
    scenario: str = ""
    source: str = ""
    status: str = ""
    signature: str = ""
    branch: str = ""
    sha: str = ""
    pr: str = ""
    project: str = ""
    tier: str = ""
    since: str = ""
    until: str = ""

    def with_tokens(self) -> "Filters":
        """Moves `signature:webhook-404 branch:main` out of the search text into fields."""
        words, found = [], {}
        for word in self.q.split():
            name, colon, value = word.partition(":")
            if colon and value and name in _TOKENS:
                found[name] = value
            else:
                words.append(word)
        return replace(self, q=" ".join(words), **found)

    @property
    def narrowed(self) -> bool:
        """Whether anything beside the saved view narrows the list."""
        return replace(self, view="all") != Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `next_cursor` is empty on the last one."""

    traces: list[Trace]
    next_cursor: str


def find(teams: QuerySet[Team], filters: Filters, cursor: str = "", size: int = PAGE) -> Page:
    """One page of the traces of these teams, newest first; an unreadable cursor starts over."""
    found = matching(teams, filters.with_tokens())
    position = _read_cursor(cursor)
    if position:
        created, key = position
        found = found.filter(Q(created__lt=created) | Q(created=created, pk__lt=key))
    rows = list(
        found.select_related("project", "signature", "parent")
        .defer(*_HEAVY, "parent__summary", "parent__manifest", "parent__search")
        .order_by("-created", "-pk")[: size + 1]
    )
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, _write_cursor(rows[-1]) if more else "")


def matching(teams: QuerySet[Team], filters: Filters) -> QuerySet[Trace]:
    """The traces that pass every filter, unordered."""
    found = Trace.objects.filter(project__team__in=teams)
    for name, column in (
        ("project", "project__slug"),
        ("scenario", "scenario_slug"),
        ("status", "status"),
        ("branch", "branch"),
        ("tier", "tier"),
        ("since", "created__gte"),
        ("until", "created__lt"),
    ):
        value = getattr(filters, name)
        found = found.filter(**{column: value}) if value else found
    if filters.pr:
        found = found.filter(pr_number=int(filters.pr) if filters.pr.isdigit() else -1)
    if filters.sha:
        found = found.filter(code_sha__startswith=filters.sha.lower())
    if filters.signature:
        slug_or_hash = Q(signature__slug=filters.signature) | Q(signature__hash=filters.signature)
        found = found.filter(slug_or_hash)
    found = _sourced(found, filters.source)
    return _searched(_viewed(found, filters.view), filters.q)


def scenarios(teams: QuerySet[Team]) -> list[str]:
    """The scenario slugs to choose from, at most 200."""
    slugs = Trace.objects.filter(project__team__in=teams).exclude(scenario_slug="")
    names = slugs.order_by("scenario_slug").values_list("scenario_slug", flat=True)
    return list(names.distinct()[:200])


def _viewed(found: QuerySet[Trace], view: str) -> QuerySet[Trace]:
    if view == "failed":
        since = timezone.now() - timedelta(hours=24)
        return found.filter(status=TraceStatus.FAILED, created__gte=since)
    if view == "pinned":
        return found.filter(pinned__isnull=False)
    if view == "running":
        return found.filter(status__in=(TraceStatus.QUEUED, TraceStatus.RUNNING))
    if view == "awaiting":
        return found.filter(mender_state__in=AWAITING)
    return found


def _sourced(found: QuerySet[Trace], source: str) -> QuerySet[Trace]:
    """Runs made to prove or try something are listed only when asked for."""
    if source == "any":
        return found
    if source:
        return found.filter(source=source)
    return found.exclude(source__in=QUIET_SOURCES)


def _searched(found: QuerySet[Trace], text: str) -> QuerySet[Trace]:
    if not text:
        return found
    anywhere = (
        Q(search=SearchQuery(text, search_type="websearch", config="simple"))
        | Q(title__icontains=text)
        | Q(error_line__icontains=text)
        | Q(branch__icontains=text)
        | Q(signature__slug__icontains=text)
        | Q(short_id=text)
        | Q(code_sha__startswith=text.lower())
    )
    return found.filter(anywhere)


def _write_cursor(trace: Trace) -> str:
    text = f"{trace.created.isoformat()} {trace.pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        created, key = base64.urlsafe_b64decode(padded).decode().split(" ")
        return datetime.fromisoformat(created), uuid.UUID(key)
    except (ValueError, binascii.Error):
        return None
