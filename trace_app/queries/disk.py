"""How much a team keeps: blobs, event chunks and what lies sealed beside them. Reads only."""

from dataclasses import dataclass
from typing import Final

from django.db.models import BigIntegerField, Count, F, Func, QuerySet, Sum

from trace_app.models import Blob, EventChunk, Project, Team, Trace, TraceBlob

# The length of a stored value without reading it: PostgreSQL keeps it beside the pointer.
BODY_BYTES: Final = Func(F("body"), function="octet_length", output_field=BigIntegerField())


@dataclass(frozen=True, slots=True)
class ProjectUse:
    """One project's share, in bytes."""

    project: Project
    traces: int
    blobs: int
    chunks: int
    sealed: int

    @property
    def total(self) -> int:
        """Everything together."""
        return self.blobs + self.chunks + self.sealed


@dataclass(frozen=True, slots=True)
class TeamUse:
    """A team's disk use in bytes. A blob that two projects use is counted once in `blobs`."""

    projects: tuple[ProjectUse, ...]
    blobs: int
    chunks: int

    @property
    def traces(self) -> int:
        """Traces of all projects."""
        return sum(use.traces for use in self.projects)

    @property
    def sealed(self) -> int:
        """Restore capsules, and uploads kept unread, of all projects."""
        return sum(use.sealed for use in self.projects)

    @property
    def total(self) -> int:
        """Everything together."""
        return self.blobs + self.chunks + self.sealed


def team_use(team: Team) -> TeamUse:
    """What the team keeps; the database's rows and indexes are not counted."""
    traces = Trace.objects.filter(project__team=team)
    return TeamUse(
        projects=tuple(project_use(project) for project in team.projects.all()),
        blobs=_blob_bytes(traces),
        chunks=_chunk_bytes(traces),
    )


def project_use(project: Project) -> ProjectUse:
    """What one project keeps."""
    traces = Trace.objects.filter(project=project)
    held = traces.aggregate(number=Count("pk"), sealed=Sum("sealed_bytes", default=0))
    return ProjectUse(
        project=project,
        traces=held["number"],
        blobs=_blob_bytes(traces),
        chunks=_chunk_bytes(traces),
        sealed=held["sealed"],
    )


def _blob_bytes(traces: QuerySet[Trace]) -> int:
    used = TraceBlob.objects.filter(trace__in=traces).values("blob")
    return Blob.objects.filter(pk__in=used).aggregate(sum=Sum("size"))["sum"] or 0


def _chunk_bytes(traces: QuerySet[Trace]) -> int:
    found = EventChunk.objects.filter(trace__in=traces)
    return found.aggregate(sum=Sum(BODY_BYTES))["sum"] or 0
