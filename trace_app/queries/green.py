"""The last green run to compare a trace with. Reads only."""

from django.db.models import Case, Q, QuerySet, When

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
    nearness = Case(
        When(branch=trace.branch, then=0),
        When(branch=trace.project.default_branch, then=1),
        default=2,
    )
    return found.order_by(nearness, "-created", "-id").first()


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
