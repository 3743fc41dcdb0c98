"""Deleting traces, projects and teams with everything that hangs on them, and counting it.

Rows go in one transaction; files go after it has committed. Rights and the typed confirmation
are the callers' business.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any, Final

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Sum

from trace_app.actions import audit, blob_use, scenario_names
from trace_app.domain.system import System
from trace_app.models import Blob, EventChunk, Project, Team, Trace, TraceBlob
from trace_app.queries.disk import BODY_BYTES
from trace_app.storage import blobs, capsules, unread

logger = logging.getLogger(__name__)
_BATCH: Final = 200
# A file whose upload may still be under way is younger.
_UPLOADING: Final = timedelta(days=1)


@dataclass(slots=True)
class Deleted:
    """What one deletion took away; `rows` counts every table's rows, by model."""

    traces: int = 0
    events: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    chunk_bytes: int = 0
    capsules: int = 0
    sealed_bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The counts as an audit row keeps them."""
        return asdict(self)


@transaction.atomic
def delete_trace(*, by: User | System, trace: Trace) -> Deleted:
    """Delete a trace and the traces that replays made from it."""
    team, target = trace.project.team, trace.short_id
    gone = _delete_traces(_family(trace))
    audit.record(by=by, team=team, action="trace.deleted", target=target, **gone.as_json())
    return gone


@transaction.atomic
def delete_aged(traces: Iterable[Trace]) -> Deleted:
    """Delete traces with their replays; the caller counts them in an audit row."""
    keys = {key for trace in traces for key in _family(trace)}
    return _delete_traces(keys)


@transaction.atomic
def delete_project(*, by: User | System, project: Project) -> Deleted:
    """Delete a project with its traces, signatures and attempts."""
    team, target = project.team, project.slug
    gone = _delete_traces(Trace.objects.filter(project=project).values_list("pk", flat=True))
    _add(gone, project.delete())
    audit.record(by=by, team=team, action="project.deleted", target=target, **gone.as_json())
    return gone


@transaction.atomic
def delete_team(*, by: User | System, team: Team) -> Deleted:
    """Delete a team with its projects, keys and roles; its people stay.

    The audit trail goes with the team, so the counts are written to the log.
    """
    of_team = Trace.objects.filter(project__team=team)
    gone = _delete_traces(of_team.values_list("pk", flat=True))
    groups = list(Group.objects.filter(team_role__team=team).values_list("pk", flat=True))
    slug = team.slug
    _add(gone, team.delete())
    _add(gone, Group.objects.filter(pk__in=groups).delete())
    name = by.name if isinstance(by, System) else by.get_username()
    line = partial(logger.info, "team.deleted %s by %s: %s", slug, name, gone.as_json())
    transaction.on_commit(line, robust=True)
    return gone


def sweep_blobs() -> int:
    """Remove blobs that a killed deletion left without a use; return how many."""
    unused = Blob.objects.filter(uses=None).values_list("sha256", flat=True)
    return blob_use.remove_unused(list(unused[:10_000]))


def sweep_files(now: datetime) -> int:
    """Remove files older than a day that no row knows, which a killed upload left.

    Looks at one 256th of the store, another one every hour: listing a large bucket takes long.
    Returns how many went.
    """
    names = blobs.kept_below(f"{int(now.timestamp()) // 3600 % 256:02x}")
    unknown = [name for batch in batched(names, _BATCH) for name in blob_use.without_row(batch)]
    old = [name for name in unknown if blobs.written(name) < now - _UPLOADING]
    return blob_use.remove_unknown(old)


def _family(trace: Trace) -> set[uuid.UUID]:
    """The trace with its children, their children, and so on."""
    found: set[uuid.UUID] = set()
    newest = {trace.pk}
    while newest:
        found |= newest
        children = Trace.objects.filter(parent__in=newest).values_list("pk", flat=True)
        newest = set(children) - found
    return found


def _delete_traces(keys: Iterable[uuid.UUID]) -> Deleted:
    """Delete the traces' rows, and their files once that has committed."""
    gone, all_keys, used, projects = Deleted(), list(keys), set[str](), set[uuid.UUID]()
    for batch in batched(all_keys, _BATCH):
        used |= _count(gone, batch)
        of_these = Trace.objects.filter(pk__in=batch).order_by()
        projects |= set(of_these.values_list("project", flat=True).distinct())
        # Only keys are loaded: a summary or a search vector is large and not needed here.
        _add(gone, Trace.objects.filter(pk__in=batch).only("pk").delete())
    scenario_names.forget(projects)
    unused = _count_unused(gone, used)
    transaction.on_commit(partial(_remove_files, all_keys, unused), robust=True)
    return gone


def _count(gone: Deleted, keys: Collection[uuid.UUID]) -> set[str]:
    """Add what these traces hold; return the blobs they use."""
    traces = Trace.objects.filter(pk__in=keys)
    chunks = EventChunk.objects.filter(trace__in=keys)
    gone.traces += len(keys)
    held = traces.aggregate(
        events=Sum("event_count", default=0), sealed=Sum("sealed_bytes", default=0)
    )
    gone.events += held["events"]
    gone.sealed_bytes += held["sealed"]
    gone.chunk_bytes += chunks.aggregate(sum=Sum(BODY_BYTES))["sum"] or 0
    gone.capsules += sum(capsules.has(Trace(pk=key)) for key in keys)
    return set(TraceBlob.objects.filter(trace__in=keys).values_list("blob_id", flat=True))


def _count_unused(gone: Deleted, used: Collection[str]) -> list[str]:
    """Add the blobs that nobody uses any more; return them."""
    unused: list[str] = []
    for batch in batched(sorted(used), _BATCH):
        for sha256, size in Blob.objects.filter(sha256__in=batch, uses=None).values_list(
            "sha256", "size"
        ):
            unused.append(sha256)
            gone.blob_bytes += size
    gone.blobs = len(unused)
    return unused


def _remove_files(keys: Collection[uuid.UUID], sha256s: Collection[str]) -> None:
    for key in keys:
        capsules.delete(Trace(pk=key))
        unread.delete(Trace(pk=key))
    blob_use.remove_unused(sha256s)


def _add(gone: Deleted, deleted: tuple[int, dict[str, int]]) -> None:
    counted = Counter(gone.rows)
    counted.update({name: number for name, number in deleted[1].items() if number})
    gone.rows = dict(sorted(counted.items()))
