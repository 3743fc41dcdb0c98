"""A run of many short steps without pictures: what a page must not carry whole."""

from pathlib import Path

from trace_app.domain.bundle import RunInfo, RunnerRef, TestRef
from trace_app.domain.bundle_writing import write_bundle
from trace_app.domain.events import Event


def write_long_run(path: Path, *, steps: int, fails_at: int) -> Path:
    """Writes a bundle whose step `fails_at` fails and whose later steps pass; returns the path."""
    begin = Event(seq=1, ts=0, kind="run.start", data={"started_at": "2026-11-22T10:00:00Z"})
    events = [begin]
    for number in range(1, steps + 1):
        failed = number == fails_at
        title = {"title": f"Look at item {number}", "text": f"click item {number}"}
        seq, ts = 3 * number, 10.0 * number
        events += [
            Event(seq=seq, ts=ts, kind="step.start", step=number, data=title),
            Event(
                seq=seq + 1,
                ts=ts + 8,
                kind="step.end",
                step=number,
                ref=seq,
                level="error" if failed else None,
                data={"status": "failed" if failed else "passed"}
                | ({"error": {"message": "item is gone"}} if failed else {}),
            ),
        ]
    last = 3 * steps + 3
    events.append(Event(seq=last, ts=10.0 * steps + 9, kind="run.end", data={"status": "failed"}))
    run = RunInfo(
        status="failed",
        test=TestRef(id="tests/test_items.py::test_every_item"),
        duration_ms=events[-1].ts,
        failing_step=fails_at,
        runner=RunnerRef(name="trace-runner", version="1"),
    )
    with path.open("wb") as out:
        write_bundle(out, run=run, events=events)
    return path
