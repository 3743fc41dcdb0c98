"""The list of traces: saved views, filters from the address, keyset pages. Reads only."""

import base64
import binascii
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from trace_app.domain.filters import VIEWS, Filters, moment
from trace_app.domain.states import TraceStatus
from trace_app.domain.wall_clock import read_moment
from trace_app.models import Signature, Team, Trace
from trace_app.models.trace import AWAITING_PROMOTE, FAILED_LOUDLY, LOUD
from trace_app.permissions import Teams
from trace_app.queries.listed import AnyTrace, ListedTrace, read, statement

__all__ = ["PAGE", "VIEWS", "Filters", "Page", "find", "is_cursor"]

PAGE: Final = 50
# Each project's newest by itself: every one comes out of the project's own index.
_NEWEST: Final = """
    SELECT newest.id FROM ({projects}) AS own(id) CROSS JOIN LATERAL ({found}) AS newest(id)
"""
_EQUAL: Final = (
    ("scenario", "scenario_slug"),
    ("status", "status"),
    ("branch", "branch"),
    ("author", "author"),
    ("tier", "tier"),
)
# What stands for a cursor's moment and key in a statement that is built once.
_MOMENT: Final = datetime.min.replace(tzinfo=UTC)
_KEY: Final = uuid.UUID(int=0)
# Words alone: no quote, no minus before a word and no "or", which say something in a search.
_PLAIN: Final = re.compile(r"(?!.*(?:^|\s)(?:-|or\b))[\w\s./#:@-]+", re.IGNORECASE)


# The moment and the key of a page's last trace: the next page begins behind it.
type Position = tuple[datetime, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `next_cursor` is empty on the last one."""

    traces: list[ListedTrace]
    next_cursor: str


def find(
    teams: Teams,
    filters: Filters,
    cursor: str = "",
    size: int = PAGE,
    me: Sequence[str] = (),
) -> Page:
    """One page of the traces of these teams, newest first; an unreadable cursor starts over.

    `me` are the names under which the reader commits, for the view Mine.
    """
    if filters == Filters() and not isinstance(teams, QuerySet):
        rows = read(*_everything(teams, _read_cursor(cursor), size), prepared=True)
    else:
        try:
            rows = read(*listing(teams, filters, cursor, size, me))
        except EmptyResultSet:  # no team: nothing to ask the database for
            return Page([], "")
    page = rows[:size]
    return Page(page, _write_cursor(page[-1]) if len(rows) > size else "")


def listing(
    teams: Teams, filters: Filters, cursor: str, size: int, me: Sequence[str] = ()
) -> tuple[str, tuple[Any, ...]]:
    """The statement behind `find`, a page and one more, with its parameters.

    Neither depth nor other teams cost time: see `_NEWEST`.
    Raises EmptyResultSet where no trace can match.
    """
    return _statement(teams, filters.with_tokens(), _read_cursor(cursor), size, me)


def _statement(
    teams: Teams, filters: Filters, position: Position | None, size: int, me: Sequence[str]
) -> tuple[str, tuple[Any, ...]]:
    projects, of_projects = _projects(teams, filters.project)
    own = RawSQL("own.id", ())
    found = _matching(Trace.objects.filter(project=own), teams, filters, me)
    if position:
        created, key = position
        # The first condition bounds the index, the second parts traces of the same moment.
        found = found.filter(Q(created__lt=created) | Q(pk__lt=key), created__lte=created)
    keys = found.order_by("-created", "-pk").values("pk")[: size + 1]
    traces, of_traces = keys.query.sql_with_params()
    newest = _NEWEST.format(projects=projects, found=traces)
    return statement(newest, size + 1), (*of_projects, *of_traces)


def _everything(
    teams: Sequence[Team], position: Position | None, size: int
) -> tuple[str, tuple[Any, ...]]:
    """`listing` without filters, which is most of what is asked: built once, and prepared."""
    sql, (_, *held) = _unfiltered(size, paged=position is not None)
    given = dict(zip((_MOMENT, _KEY), position or (), strict=False))
    return sql, ([team.pk for team in teams], *(given.get(value, value) for value in held))


@lru_cache(maxsize=32)
def _unfiltered(size: int, *, paged: bool) -> tuple[str, tuple[Any, ...]]:
    """The statement for any teams, which are its first parameter, and for any cursor."""
    return _statement((), Filters(), (_MOMENT, _KEY) if paged else None, size, ())


def _projects(teams: Teams, slug: str) -> tuple[str, tuple[Any, ...]]:
    """The keys of the teams' projects as a statement, or of the one that is called so."""
    if isinstance(teams, QuerySet):
        keys, asked = teams.order_by().values("pk").query.sql_with_params()
        within = f"team_id IN ({keys})"
    else:
        within, asked = "team_id = ANY(%s)", ([team.pk for team in teams],)
    projects = f"SELECT id FROM trace_app_project WHERE {within}"  # noqa: S608 (made above)
    return (f"{projects} AND slug = %s", (*asked, slug)) if slug else (projects, asked)


def is_cursor(text: str) -> bool:
    """Whether this is a cursor that a page gave."""
    return _read_cursor(text) is not None


def _matching(
    found: QuerySet[Trace], teams: Teams, filters: Filters, me: Sequence[str]
) -> QuerySet[Trace]:
    """Those that pass every filter but the project's, which the caller has looked at."""
    for name, column in _EQUAL:
        value = getattr(filters, name)
        found = found.filter(**{column: value}) if value else found
    if filters.pr:
        found = found.filter(pr_number=_number(filters.pr))
    if filters.sha:
        found = found.filter(code_sha__startswith=filters.sha.lower())
    if since := moment(filters.since):
        found = found.filter(created__gte=since)
    if until := moment(filters.until, end=True):
        found = found.filter(created__lt=until)
    if filters.signature:
        found = _signed(found, teams, filters)
    found = _viewed(_sourced(found, filters.source), filters.view, me)
    return _searched(found, filters.q)


def _signed(found: QuerySet[Trace], teams: Teams, filters: Filters) -> QuerySet[Trace]:
    """The cluster, named by slug or hash; its own index holds failed runs that count."""
    named = Q(slug=filters.signature) | Q(hash=filters.signature)
    keys = Signature.objects.filter(named, project__team__in=teams).values_list("pk", flat=True)
    # A list of one key that no row has keeps the query whole where no signature is called so.
    found = found.filter(signature__in=[*keys[:200]] or [uuid.UUID(int=0)])
    return found if filters.source else found.filter(FAILED_LOUDLY)


def _number(text: str) -> int:
    """A pull request's number; the highest a column holds, which none has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 2**31 - 1


def _viewed(found: QuerySet[Trace], view: str, me: Sequence[str]) -> QuerySet[Trace]:
    if view == "failed":
        since = timezone.now() - timedelta(hours=24)
        return found.filter(status=TraceStatus.FAILED, created__gte=since)
    if view == "pinned":
        return found.filter(pinned__isnull=False)
    if view == "running":
        return found.filter(status__in=(TraceStatus.QUEUED, TraceStatus.RUNNING))
    if view == "awaiting":
        return found.filter(AWAITING_PROMOTE)
    if view == "mine":
        # Without a name of theirs nobody is the author, least of all of traces that name none.
        return found.filter(author__in=[name for name in me if name] or ["?"])
    return found


def _sourced(found: QuerySet[Trace], source: str) -> QuerySet[Trace]:
    """Runs made to prove or try something are listed only when asked for."""
    if source == "any":
        return found
    return found.filter(source=source) if source else found.filter(LOUD)


def _searched(found: QuerySet[Trace], text: str) -> QuerySet[Trace]:
    """By words; a plain word also finds what begins with it, such as a sha.

    A trace has no words until it is processed, seconds after its end: those few are read.
    """
    if not text:
        return found
    words = Q(search=SearchQuery(text, search_type="websearch", config="simple"))
    if _PLAIN.fullmatch(text):
        beginnings = " & ".join(f"'{word}':*" for word in text.split())
        words |= Q(search=SearchQuery(beginnings, search_type="raw", config="simple"))
    unprocessed = (
        Q(title__icontains=text)
        | Q(error_line__icontains=text)
        | Q(branch__icontains=text)
        | Q(code_sha__startswith=text.lower())
        | Q(short_id=text)
    )
    return found.filter(words | Q(unprocessed, processed__isnull=True))


def _write_cursor(trace: AnyTrace) -> str:
    text = f"{trace.created.isoformat()} {trace.pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> Position | None:
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        created, key = base64.urlsafe_b64decode(padded).decode().split(" ")
        position = read_moment(created), uuid.UUID(key)
    except (ValueError, binascii.Error):
        return None
    return (position[0], position[1]) if position[0] else None
