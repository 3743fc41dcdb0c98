"""Runs one scenario with the runner and reads its record.

Shared by checks, re-runs and proofs; writes no row.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from debugger.domain.edits import Edits
from debugger.runner import director
from debugger.runner.contract import RunLabels, RunRequest, RunResult
from trace_app.domain import signature
from trace_app.domain.bundle import open_bundle
from trace_app.domain.events import Event
from trace_app.domain.signature import Signature

NO_EDITS = Edits()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One run to make. `scenario_text` replaces the tree's scenario, `edits` change the tree."""

    repository: Path
    sha: str
    scenario: str
    labels: RunLabels
    edits: Edits = NO_EDITS
    scenario_text: str | None = None
    on_progress: Callable[[str, int | None], None] = field(default=lambda phase, step: None)
    should_cancel: Callable[[], bool] = field(default=lambda: False)


@contextmanager
def executed(wanted: Wanted) -> Iterator[RunResult]:
    """The run's result; its bundle is a file that goes when the block ends."""
    with TemporaryDirectory(prefix="guard-run-") as folder:
        yield director.run(
            RunRequest(
                repository=wanted.repository,
                sha=wanted.sha,
                scenario=wanted.scenario,
                edits=wanted.edits,
                labels=wanted.labels,
                out_dir=Path(folder),
                on_progress=wanted.on_progress,
                should_cancel=wanted.should_cancel,
                scenario_text=wanted.scenario_text,
            )
        )


@dataclass(frozen=True, slots=True)
class Record:
    """What a finished run's bundle says."""

    status: str
    failing_step: int | None
    step_texts: dict[int, str]
    signature: Signature | None
    events: tuple[Event, ...]
    duration_ms: float | None


def read_record(bundle: Path) -> Record:
    """Open a bundle and compute its signature, as Trace will when it takes it in."""
    with bundle.open("rb") as file:
        opened = open_bundle(file)
        events = tuple(opened.events())
        run = opened.run
    return Record(
        status=run.status,
        failing_step=run.failing_step,
        step_texts={step.no: step.text or step.title for step in run.steps},
        signature=signature.compute(events, run.steps),
        events=events,
        duration_ms=run.duration_ms,
    )
