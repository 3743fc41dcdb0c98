"""A stored trace as a bundle again: events, zip and blobs, without the capsule."""

import tempfile
from functools import partial
from typing import IO

from trace_app.domain.bundle import RunInfo, RunnerRef, RunStep, ScenarioRef, TestRef
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.contents import Content
from trace_app.models import Trace
from trace_app.queries.whole_trace import every_event
from trace_app.storage import blobs

_ZIP = "playwright.zip"


def export_bundle(trace: Trace) -> IO[bytes]:
    """An open temporary file at its start, gone when it is closed. Raises TraceColdError."""
    events = every_event(trace)
    out = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    uses = trace.trace_blobs.exclude(name=_ZIP).values_list("blob_id", "blob__size")
    kept = {
        sha256: Content(size, partial(blobs.open_blob, sha256)) for sha256, size in uses.iterator()
    }
    zipped = blobs.open_blob(trace.playwright_zip) if trace.playwright_zip else None
    write_bundle(out, run=_run(trace), events=events, playwright=zipped, blobs=kept)
    if zipped is not None:
        zipped.close()
    out.seek(0)
    return out


def _run(trace: Trace) -> RunInfo:
    scenario = ScenarioRef(
        slug=trace.scenario_slug,
        id=trace.scenario_id,
        title=trace.title,
        path=trace.scenario_path,
    )
    runner = trace.runner
    return RunInfo(
        status=trace.status,  # type: ignore[arg-type]  # finished: one of the four
        title=trace.title,
        scenario=scenario if trace.scenario_slug else None,
        test=TestRef(id=trace.test_id) if trace.test_id else None,
        sha=trace.code_sha,
        branch=trace.branch,
        pr=trace.pr_number,
        source=trace.source,  # type: ignore[arg-type]
        check_id=trace.check_id or None,
        started_at=trace.started.isoformat() if trace.started else "",
        duration_ms=trace.duration_ms,
        failing_step=trace.failing_step,
        author=trace.author,
        runner=RunnerRef(
            name=runner.get("name", ""),
            version=runner.get("version", ""),
            level=runner.get("level", ""),
        ),
        steps=[
            RunStep(
                no=step.number,
                text=step.text,
                title=step.title,
                status=step.status,
                error=step.error or None,
            )
            for step in trace.steps.all()
        ],
    )
