"""What every stage is given.

The job, its request, the repository, and what the stages before found.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from debugger.domain.edits import Edits
from debugger.runner.contract import RunLabels
from mender_handoff.domain.attempt_states import State
from mender_handoff.domain.messages import AttemptRequest, Slice, convert
from mender_handoff.guard.clients.trace import TraceRefusedError
from mender_handoff.guard.domain.stages import StopError
from mender_handoff.guard.models import GuardRepository, MenderJob
from mender_handoff.guard.pipeline import records
from mender_handoff.guard.pipeline.connections import git_of
from mender_handoff.guard.pipeline.execution import NO_EDITS, Record, Wanted, executed, read_record
from trace_app.clients.git import GitRepository
from trace_app.domain.events import Event, EventError, parse_ndjson


@dataclass(slots=True)
class Context:
    """One pipeline run of one job. `results` maps a stage's name to what it found."""

    job: MenderJob
    repository: GuardRepository
    request: AttemptRequest
    git: GitRepository
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, job: MenderJob) -> "Context":
        """Open a job's request and repository."""
        request = convert(job.request, AttemptRequest)
        return cls(job, job.repository, request, git_of(job.repository))

    @property
    def edits(self) -> Edits:
        """The edits of the request; EditError when they cannot be read."""
        return Edits.from_json(self.request.edits) if self.request.edits else NO_EDITS

    @staticmethod
    def events_of(part: Slice) -> list[Event]:
        """The events of a slice. StopError when they cannot be read."""
        try:
            return parse_ndjson(part.ndjson.encode())
        except EventError as error:
            reason = f"The events of step {part.step} cannot be read: {error}"
            raise StopError(State.FAILED, reason) from error

    @property
    def scenario_path(self) -> str:
        """Where the scenario's file is in the repository."""
        return self.request.trace.scenario.path


@dataclass(frozen=True, slots=True)
class Tried:
    """One run Mender made: what its record says, and the trace it was uploaded as.

    `kept` is the record's name in the outbox while Trace is away.
    """

    status: str
    message: str
    record: Record | None
    trace_id: str = ""
    short_id: str = ""
    kept: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the stage's row."""
        signature = (
            self.record.signature.to_json() if self.record and self.record.signature else None
        )
        return {
            "status": self.status,
            "message": self.message[:500],
            "failing_step": self.record.failing_step if self.record else None,
            "signature": signature,
            "trace": self.trace_id,
            "short_id": self.short_id,
            "kept": self.kept,
        }


def try_run(context: Context, *, sha: str, source: str, scenario_text: str | None = None) -> Tried:
    """Run the job's scenario once at a commit and upload the record."""
    request = context.request
    wanted = Wanted(
        repository=Path(context.repository.path),
        sha=sha,
        scenario=request.trace.scenario.slug,
        labels=RunLabels(branch=request.target_branch, pr=None, source=source, check_id=None),
        scenario_text=scenario_text,
    )
    with executed(wanted) as result:
        if result.bundle is None:
            return Tried("error", result.message, None)
        record = read_record(result.bundle)
        name = records.name_of(result.bundle)
        try:
            uploaded = records.upload_or_keep(
                context.repository, str(context.job.pk), name, result.bundle
            )
        except TraceRefusedError as error:
            # The verdict counts; the record is for people and may be refused (capture off).
            return Tried(result.status, f"{result.message} {error}".strip(), record)
    if uploaded is None:
        return Tried(result.status, result.message, record, kept=name)
    return Tried(result.status, result.message, record, uploaded.id, uploaded.short_id)
