"""Stage 5.

Have Guard check the pull request's own branch, wait for it, and show its result there.
"""

from typing import Any
from uuid import UUID

from mender_handoff.guard.actions import checks, jobs
from mender_handoff.guard.actions.checks import CheckAsked
from mender_handoff.guard.domain.stages import WaitingError
from mender_handoff.guard.models import GuardCheck
from mender_handoff.guard.pipeline.mender.context import Context
from mender_handoff.guard.pipeline.mender.open_pull_request import forge_of
from mender_handoff.guard.queries.views import check_view


def inputs(context: Context) -> dict[str, Any]:
    """The head that was pushed."""
    return {"head": context.results["pull_request"]["head_sha"]}


def run(context: Context) -> dict[str, Any]:
    """The check's result. WaitingError until it has ended; its end wakes this job again."""
    opened = context.results["pull_request"]
    check, _ = checks.open_check(
        repository=context.repository,
        asked=CheckAsked(
            branch=opened["branch"],
            sha=opened["head_sha"],
            source="revalidation",
            pr_number=opened["number"],
            scenarios=_scenarios(context),
            reason=f"Re-validates #{opened['number']}",
            idempotency_key=f"revalidate:{context.job.pk}",
        ),
    )
    jobs.attach_check(job=context.job, check=check)
    # Read again after the job points at it: a check that ended in between has woken nobody.
    check.refresh_from_db()
    found = {"check": str(check.pk), "status": check.status}
    if check.ended is None:
        raise WaitingError(found)
    _show(context, check)
    slug = context.request.trace.scenario.slug
    own = check.runs.filter(scenario=slug).first()
    return found | {"trace": own.trace_id if own else "", "runs": check.runs.count()}


def _scenarios(context: Context) -> list[str]:
    """What the check that failed was asked to run, so that this one answers the same question."""
    try:
        check_id = UUID(context.request.trace.check_id or "")
    except ValueError:
        return []
    failed = GuardCheck.objects.filter(repository=context.repository, pk=check_id).first()
    return list(failed.scenarios) if failed else []


def _show(context: Context, check: GuardCheck) -> None:
    number = context.results["pull_request"]["number"]
    runs = list(check.runs.all())
    passed = sum(1 for run in runs if run.status == "passed")
    summary = f"{passed} of {len(runs)} scenarios passed"
    forge_of(context).upsert_check(number, "Guard", check.status, summary, check_view(check).url)
