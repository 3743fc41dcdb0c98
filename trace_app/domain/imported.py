"""Events of a run whose recorder numbers nothing: from its Playwright zip and its run.json."""

from datetime import UTC, datetime
from typing import Any, Final

from trace_app.domain.bundle import RunInfo
from trace_app.domain.events import Event
from trace_app.domain.playwright import Package, package_drafts
from trace_app.domain.sequence import Draft, assign_steps, number

_CLOCK_SLACK_MS: Final = 60_000
_MAX_TEXT: Final = 64 * 1024


def imported_events(package: Package | None, run: RunInfo, started_ms: float) -> list[Event]:
    """Numbered once; the same package and run give the same numbers.

    `started_ms` (epoch) is when the run began, for a run without a package.
    """
    drafts = package_drafts(package) if package is not None else []
    # A damaged clock in one record must not push all others away from zero.
    near = [draft.wall_ms for draft in drafts if draft.wall_ms >= started_ms - _CLOCK_SLACK_MS]
    first = min([*near, started_ms])
    last = max([draft.wall_ms for draft in drafts] + [first + (run.duration_ms or 0.0)])
    drafts.append(_start(run, first))
    drafts += _output(run, last)
    # The last lane of the last millisecond, so that nothing follows the end.
    end: dict[str, Any] = {"status": run.status, "failing_step": run.failing_step}
    drafts.append(Draft(wall_ms=last, lane="~run", line=9, kind="run.end", data=end))
    return assign_steps(number(drafts, first))


def iso(epoch_ms: float) -> str:
    """RFC 3339 in UTC, with milliseconds; "" for a time no calendar has."""
    try:
        moment = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    return moment.isoformat(timespec="milliseconds")


def _start(run: RunInfo, wall_ms: float) -> Draft:
    scenario = run.scenario
    data = {
        "started_at": iso(wall_ms),
        "scenario": None
        if scenario is None
        else {"slug": scenario.slug, "id": scenario.id, "title": scenario.title},
        "sha": run.sha,
        "branch": run.branch,
        "level": run.runner.level,
    }
    return Draft(wall_ms=wall_ms, lane="", kind="run.start", data=data)


def _output(run: RunInfo, wall_ms: float) -> list[Draft]:
    """What the test printed has no times of its own: it stands at the end."""
    drafts = [
        Draft(
            wall_ms=wall_ms,
            lane="~run",
            line=line,
            kind="app.log",
            level="warning" if stream == "stderr" else "info",
            data={"stream": stream, "text": text[-_MAX_TEXT:]},
        )
        for line, (stream, text) in enumerate(
            (("stdout", run.output.stdout), ("stderr", run.output.stderr))
        )
        if text
    ]
    if run.error is not None and run.status != "passed":
        error = {"stream": "test", "text": run.error.message[:_MAX_TEXT]}
        if run.error.stack:
            error["stack"] = run.error.stack[:_MAX_TEXT]
        drafts.append(
            Draft(wall_ms=wall_ms, lane="~run", line=5, kind="app.log", level="error", data=error)
        )
    return drafts
