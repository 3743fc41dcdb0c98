"""Failure clusters: how many traces share a signature, and whether they still come. Reads only."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Count, JSONField, Q
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from trace_app.domain import wording
from trace_app.domain.cluster_words import about, told_apart
from trace_app.domain.states import QUIET_SOURCES
from trace_app.models import Signature, Trace
from trace_app.models.prepared import fetch
from trace_app.models.trace import FAILED_LOUDLY
from trace_app.permissions import Teams

SHOWN: Final = 4
BARS: Final = 14
DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)
SPANS: Final = {DAY: "24 hours", WEEK: "seven days", MONTH: "30 days"}
# In the model's order, which building one out of a row goes by.
_SHOWN: Final = (
    *("id", "hash", "slug", "first_seen", "last_seen"),
    *("fixed_sha", "fixed_at", "fixed_by"),
)
# A cluster's traces of some time. Its own index knows all that is asked: no trace is read.
# The runs that do not count are spelt out as the index has them: a kept plan knows no parameter.
_QUIET: Final = ", ".join(f"'{source}'" for source in sorted(QUIET_SOURCES))
_TRACES: Final = f"""
    FROM trace_app_trace WHERE signature_id = cluster.id AND status = 'failed'
    AND source NOT IN ({_QUIET})
    AND created > %(now)s - %(bar)s * {{after}} AND created <= %(now)s - %(bar)s * {{until}}
"""
_BARS: Final = f"""
    ARRAY(
        SELECT (SELECT count(*) {_TRACES.format(after="(age + 1)", until="age")})
        FROM generate_series(0, {BARS - 1}) AS age ORDER BY age DESC
    )
"""  # noqa: S608 (constants, here and below)
_ONE: Final = f"SELECT {_BARS} FROM trace_app_signature AS cluster WHERE id = %(key)s"  # noqa: S608
# A few more than shown are looked at: one that was seen only in replays is left out.
_RECENT: Final = f"""
    SELECT {", ".join(_SHOWN)}, parts::text,
        (SELECT name FROM trace_app_project WHERE id = cluster.project_id), {_BARS}
    FROM (
        SELECT * FROM trace_app_signature
        WHERE last_seen >= %(now)s - %(bar)s * {BARS} AND project_id IN (
            SELECT id FROM trace_app_project
            WHERE team_id = ANY(%(teams)s) AND %(project)s IN ('', slug))
        ORDER BY last_seen DESC, id DESC LIMIT {SHOWN * 2}
    ) AS cluster WHERE EXISTS (SELECT {_TRACES.format(after=BARS, until=0)})
    ORDER BY last_seen DESC, id DESC LIMIT {SHOWN}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Cluster:
    """A signature with its traces of the last days: 14 bars of equal time, the present last.

    `about` says what fails in these traces; where two shown together share a slug, what differs.
    """

    signature: Signature
    about: str
    bars: Sequence[int]
    now: datetime

    @property
    def count(self) -> int:
        """Traces in the window of the bars."""
        return sum(self.bars)

    @property
    def first_seen(self) -> str:
        """How long ago it was seen for the first time."""
        return wording.ago(self.signature.first_seen, self.now)

    @property
    def last_seen(self) -> str:
        """How long ago it was seen last."""
        return wording.ago(self.signature.last_seen, self.now)

    @property
    def first_moment(self) -> str:
        """When it was seen for the first time, as ISO 8601."""
        return self.signature.first_seen.isoformat()

    @property
    def last_moment(self) -> str:
        """When it was seen last, as ISO 8601."""
        return self.signature.last_seen.isoformat()

    @property
    def mood(self) -> str:
        """One word for colour: pass, fail or nothing."""
        fixed = self.signature.fixed_at
        if fixed is not None:
            return "fail" if self.signature.last_seen > fixed else "pass"
        return ""

    @property
    def state(self) -> str:
        """What became of it, as people say it."""
        known = self.signature
        by = known.fixed_by or known.fixed_sha[:7] or "the fix"
        if self.mood == "pass":
            return f"stopped growing since {by}"
        if self.mood == "fail":
            return f"came back after {by}"
        if self.now - known.first_seen < DAY:
            return "new" if self.count < 2 else "new, growing"
        if self.now - known.last_seen < DAY:
            return "growing"
        return f"quiet for {(self.now - known.last_seen).days} d"


def recent(teams: Teams, project: str = "", span: timedelta = WEEK) -> list[Cluster]:
    """The clusters of this time that failed last, at most four, in one query at any size."""
    now = timezone.now()
    asked = _span(now, span) | {"teams": [team.pk for team in teams], "project": project}
    found = [
        (Signature.from_db(DEFAULT_DB_ALIAS, _SHOWN, columns), json.loads(parts), project, bars)
        for *columns, parts, project, bars in fetch(_RECENT, asked)
    ]
    lines = told_apart([(known.slug, parts, project) for known, parts, project, _ in found])
    return [
        Cluster(known, line, bars, now)
        for (known, _, _, bars), line in zip(found, lines, strict=True)
    ]


def of_teams(teams: Teams, key: uuid.UUID) -> Signature | None:
    """The signature, if one of these teams has it."""
    found = Signature.objects.filter(pk=key, project__team__in=teams)
    return found.select_related("project__team").first()


def one(signature: Signature) -> Cluster:
    """The cluster of a signature, whether it failed lately or not; one query."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_ONE, _span(now, WEEK) | {"key": signature.pk})
        [(bars,)] = cursor.fetchall()
    return Cluster(signature, about(signature.parts), bars, now)


def parts_of(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """The signature's parts in each of these traces, with that trace's own seqs; one query."""
    inner = KeyTransform("parts", KeyTransform("signature", "summary"), output_field=JSONField())
    found = Trace.objects.filter(pk__in=list(keys)).values_list("pk", inner)
    return {key: parts for key, parts in found if isinstance(parts, dict)}


def places(signature: Signature) -> list[tuple[str, int | None, int]]:
    """(branch, pull request, traces) where it failed, the most frequent first, at most six."""
    found = Trace.objects.filter(FAILED_LOUDLY, signature=signature).order_by()
    grouped = found.values_list("branch", "pr_number").annotate(number=Count("pk"))
    return list(grouped.order_by("-number", "branch")[:6])


def counts(signature: Signature | None) -> tuple[int, int]:
    """(traces of the cluster in the last 24 hours, in all); one query."""
    if signature is None:
        return 0, 0
    found = Trace.objects.filter(FAILED_LOUDLY, signature=signature).aggregate(
        day=Count("pk", filter=Q(created__gte=timezone.now() - DAY)), total=Count("pk")
    )
    return found["day"], found["total"]


def _span(now: datetime, span: timedelta) -> dict[str, Any]:
    """What `_BARS` asks for: the time of its bars."""
    return {"now": now, "bar": span / BARS}
