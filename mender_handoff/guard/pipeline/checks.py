"""A check from its row to its end: list the scenarios, run each, upload what it recorded."""

import logging
from pathlib import Path

from debugger.runner import director
from debugger.runner.contract import RunLabels
from mender_handoff.domain.messages import ScenarioInfo
from mender_handoff.guard.actions import checks, leases
from mender_handoff.guard.actions.checks import RunEnded
from mender_handoff.guard.clients.trace import TraceError, TraceRefusedError
from mender_handoff.guard.domain.check_states import ENDED
from mender_handoff.guard.models import GuardCheck, GuardRun
from mender_handoff.guard.pipeline.connections import trace_of
from mender_handoff.guard.pipeline.execution import Wanted, executed, read_record

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
    except Exception as error:
        # What the tree holds is the user's: an unreadable one is a check in error, with its reason.
        logger.exception("check %s: no scenarios", check.pk)
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
            return _ended(check, result.status, result.message, result.bundle)
    except Exception as error:
        # One run that cannot be made must not take the others of the check with it.
        logger.exception("check %s, scenario %s", check.pk, run.scenario)
        return RunEnded(status="error", message=str(error)[:2000])


def _ended(check: GuardCheck, status: str, message: str, bundle: Path | None) -> RunEnded:
    status = status if status in ("passed", "failed") else "error"
    if bundle is None:
        return RunEnded(status=status, message=message)
    record = read_record(bundle)
    trace_id = short_id = url = ""
    try:
        uploaded = trace_of(check.repository).upload(bundle)
        trace_id, short_id = uploaded.id, uploaded.short_id
        url = f"{check.repository.trace_url}/traces/{short_id}"
        if record.failing_step is not None:
            url += f"?step={record.failing_step}"
    except TraceRefusedError as error:
        if error.code != "trace_capture_off":
            message = f"{message} Trace did not take the record: {error}".strip()
    except TraceError as error:
        message = f"{message} Trace did not take the record: {error}".strip()
    return RunEnded(
        status=status,
        failing_step=record.failing_step,
        duration_ms=record.duration_ms,
        message=message,
        trace_id=trace_id,
        trace_short_id=short_id,
        trace_url=url,
    )
