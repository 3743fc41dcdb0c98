"""A check from its row to its end: list the scenarios, run each, upload what it recorded."""

import logging
from pathlib import Path

from debugger.runner import director
from debugger.runner.contract import RunLabels
from mender_handoff.domain.messages import ScenarioInfo
from mender_handoff.guard.actions import checks, leases
from mender_handoff.guard.actions.checks import RunEnded
from mender_handoff.guard.clients.trace import TraceRefusedError
from mender_handoff.guard.domain.check_states import ENDED
from mender_handoff.guard.models import GuardCheck, GuardRun
from mender_handoff.guard.pipeline import records
from mender_handoff.guard.pipeline.execution import Wanted, executed, read_record
from trace_app.clients.git import GitError

logger = logging.getLogger(__name__)


def run_check(check_id: str) -> None:
    """Do what is left of a check, unless another worker has it.

    Safe to call any number of times.
    """
    if not leases.take(GuardCheck, check_id):
        return
    with leases.Held(GuardCheck, check_id):
        check = GuardCheck.objects.select_related("repository").get(pk=check_id)
        if check.status in ENDED:
            return
        if not checks.begin(check=check):
            checks.finish(check=check, message="The check died too often.")
            return
        _run_all(check)


def _run_all(check: GuardCheck) -> None:
    try:
        left = checks.plan_runs(check=check, scenarios=_scenarios(check))
    except (director.UnreadableError, GitError) as error:
        # What the tree holds is the user's: an unreadable one is a check in error, with its reason.
        logger.warning("check %s: no scenarios: %s", check.pk, error)
        checks.finish(check=check, message=f"The scenarios could not be read: {error}")
        return
    for run in left:
        checks.end_run(run=run, ended=_run_one(check, run))
    message = "" if check.runs.exists() else "There is no such scenario at this commit."
    checks.finish(check=check, message=message)


def _scenarios(check: GuardCheck) -> list[ScenarioInfo]:
    found = director.list_scenarios(Path(check.repository.path), check.sha)
    wanted = set(check.scenarios)
    return [
        ScenarioInfo(slug=one.slug, id=one.id, title=one.title, path=one.path)
        for one in found
        if not wanted or one.slug in wanted or one.id in wanted
    ]


def _run_one(check: GuardCheck, run: GuardRun) -> RunEnded:
    wanted = Wanted(
        repository=Path(check.repository.path),
        sha=check.sha,
        scenario=run.scenario,
        labels=RunLabels(
            branch=check.branch,
            pr=check.pr_number,
            source=check.source,
            check_id=str(check.pk),
        ),
        on_progress=lambda phase, step: checks.note_progress(run=run, phase=phase, step=step),
    )
    try:
        with executed(wanted) as result:
            return _ended(run, result.status, result.message, result.bundle)
    except (OSError, ValueError) as error:
        # One run without a readable record (ArchiveError, EventError, a full disk) must not take
        # the others of the check with it. A database that is away is the sweep's: it tries again.
        logger.exception("check %s, scenario %s", check.pk, run.scenario)
        return RunEnded(status="error", message=str(error)[:2000])


def _ended(run: GuardRun, status: str, message: str, bundle: Path | None) -> RunEnded:
    status = status if status in ("passed", "failed") else "error"
    if bundle is None:
        return RunEnded(status=status, message=message)
    record = read_record(bundle)
    repository, owner = run.check_row.repository, str(run.check_row_id)
    uploaded = None
    try:
        uploaded = records.upload_or_keep(repository, owner, str(run.pk), bundle)
    except TraceRefusedError as error:
        message = f"{message} {records.refusal(error)}".strip()
    url = uploaded and checks.trace_url(repository, uploaded.short_id, record.failing_step)
    return RunEnded(
        status=status,
        failing_step=record.failing_step,
        duration_ms=record.duration_ms,
        message=message,
        trace_id=uploaded.id if uploaded else "",
        trace_short_id=uploaded.short_id if uploaded else "",
        trace_url=url or "",
    )
