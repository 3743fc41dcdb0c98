"""The last green run to compare a trace with. Reads only."""

from django.db.models import Q, QuerySet

from trace_app.domain.states import QUIET_SOURCES, Tier, TraceStatus
from trace_app.models import Trace


def last_green(trace: Trace, branch: str | None = None) -> Trace | None:
    """The newest green run of the same scenario or test before this trace.

    On `branch` when it is named; else on the trace's own branch, then the default branch, then
    any. Runs that replays and proofs made do not count, nor do cold ones: nothing of theirs is at
    hand to compare with.
    """
    if not (trace.scenario_id or trace.scenario_slug or trace.test_id):
        return None
    found = _green_runs(trace)
    if branch is not None:
        return found.filter(branch=branch).first()
    # One after the other: each stops at the first it finds, where one sort would read all of them.
    for name in dict.fromkeys((trace.branch, trace.project.default_branch)):
        nearest = found.filter(branch=name).first()
        if nearest is not None:
            return nearest
    return found.first()


def _green_runs(trace: Trace) -> QuerySet[Trace]:
    if trace.scenario_id or trace.scenario_slug:
        same = Q(scenario_slug=trace.scenario_slug) & ~Q(scenario_slug="")
        if trace.scenario_id:
            same |= Q(scenario_id=trace.scenario_id)
    else:
        same = Q(test_id=trace.test_id) & ~Q(test_id="")
    return (
        Trace.objects.filter(same, project=trace.project, status=TraceStatus.PASSED)
        .exclude(source__in=[source.value for source in QUIET_SOURCES])
        .exclude(tier=Tier.COLD)
        .exclude(pk=trace.pk)
        .filter(created__lt=trace.created)
        .order_by("-created", "-id")
    )
