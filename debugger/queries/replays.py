"""Reading replays: their runs, what changed, and the ones a trace has."""

from dataclasses import dataclass

from debugger.domain.edits import Edits, SourceDiff
from debugger.models import Replay, ReplayRun
from trace_app.models import Trace


@dataclass(frozen=True, slots=True)
class StepSpread:
    """One step over all runs of a replay: how often each verdict came."""

    no: int
    title: str
    verdicts: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs do not agree, which is what a flake looks like."""
        return len(set(self.verdicts)) > 1


def runs_of(replay: Replay) -> list[ReplayRun]:
    """The finished runs with their child traces, in order."""
    return list(replay.runs.select_related("trace").order_by("number"))


def spread(replay: Replay, runs: list[ReplayRun]) -> list[StepSpread]:
    """The verdict per step of every run; "–" where a run did not reach the step."""
    titles = dict(replay.trace.steps.values_list("number", "title"))
    numbers = {int(no) for run in runs for no in run.verdicts}
    return [
        StepSpread(
            no=no,
            title=titles.get(no, ""),
            verdicts=tuple(run.verdicts.get(str(no), "–") for run in runs),
        )
        for no in sorted(numbers)
    ]


def diffs_of(replay: Replay) -> tuple[SourceDiff, ...]:
    """The replay's edits as diffs with their paths, the scenario's first."""
    return Edits.from_json(replay.edits).as_source_diffs(replay.trace.scenario_path)


def replays_of(trace: Trace, *, limit: int = 20) -> list[Replay]:
    """The newest replays of a trace, their runs and child traces at hand."""
    found = trace.replays.prefetch_related("runs__trace").select_related("requested_by")
    return list(found.order_by("-created")[:limit])


def replay_behind(trace: Trace) -> Replay | None:
    """The replay that recorded this trace, or None."""
    return Replay.objects.filter(runs__trace=trace).select_related("trace__project__team").first()
