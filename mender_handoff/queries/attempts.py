"""Finding attempts: the open one of a failure, those of a trace, the list."""

from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from mender_handoff.domain.attempt_states import ENDED, State
from mender_handoff.models import MenderAttempt
from trace_app.models import Project, Signature, Team, Trace

PAGE = 50
_ENDED = Q(state__in=sorted(state.value for state in ENDED))


def open_attempts(
    project: Project, target_branch: str, signature: Signature | None
) -> QuerySet[MenderAttempt]:
    """Not ended attempts of this failure on this branch: at most one suggested, one promoted."""
    rows = MenderAttempt.objects.filter(project=project, target_branch=target_branch)
    return rows.filter(signature=signature).exclude(_ENDED).order_by("promoted_at")


def last_dismissed(
    project: Project, target_branch: str, signature: Signature | None
) -> MenderAttempt | None:
    """The newest attempt of this failure, if a person dismissed it."""
    newest = (
        MenderAttempt.objects.filter(
            project=project, target_branch=target_branch, signature=signature
        )
        .order_by("-created")
        .first()
    )
    return newest if newest is not None and newest.state == State.DISMISSED else None


def of_trace(trace: Trace) -> MenderAttempt | None:
    """The attempt that a trace's card shows.

    About it, or seen in it; open ones first, then the newest.
    """
    about = MenderAttempt.objects.filter(Q(trace=trace) | Q(also_seen_in=trace)).distinct()
    rows = list(about.select_related("project__team", "trace", "signature").order_by("-created"))
    rows.sort(key=lambda row: row.state in ENDED)
    return rows[0] if rows else None


def full(pk: object, teams: QuerySet[Team]) -> MenderAttempt | None:
    """One attempt with everything its page shows, if one of these teams owns it."""
    return (
        MenderAttempt.objects.filter(pk=str(pk), project__team__in=teams)
        .select_related(
            "project__team",
            "trace",
            "signature",
            "replay",
            "red_trace",
            "green_trace",
            "revalidation_trace",
            "promoted_by",
        )
        .prefetch_related("history__by", Prefetch("also_seen_in", Trace.objects.only("short_id")))
        .first()
    )


def listed(
    teams: QuerySet[Team], state: str = "", before: UUID | None = None
) -> list[MenderAttempt]:
    """Newest first, one page and one more. `state` is open, ended, or empty for all."""
    rows = MenderAttempt.objects.filter(project__team__in=teams).select_related(
        "project", "trace", "signature", "promoted_by"
    )
    if state == "open":
        rows = rows.exclude(_ENDED)
    elif state == "ended":
        rows = rows.filter(_ENDED)
    if before:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: PAGE + 1])
