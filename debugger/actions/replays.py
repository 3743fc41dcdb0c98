"""Asking for a replay and calling it off. Everything is judged here before anything may run."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Required, TypedDict, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from debugger.clients.result_tree import RefusedError, ResultTree, judge
from debugger.domain.edits import Edits
from debugger.domain.replay_mode import ModeChoice, choose_mode
from debugger.domain.replay_states import ENDED, ReplayMode, ReplayStatus
from debugger.models import Replay
from trace_app.actions import audit
from trace_app.clients.git import GitError, GitRepository
from trace_app.clients.repositories import open_repository, why_unreadable
from trace_app.domain.states import Tier, TraceColdError
from trace_app.domain.system import System
from trace_app.models import Trace
from trace_app.queue import enqueue
from trace_app.storage.capsules import has as has_capsule

MAX_REPEAT: Final = 10
RUN_TASK: Final = "debugger.run_replay"


class ReplayRefusedError(Exception):
    """A replay that may not start. `code` is for machines, `status` the HTTP answer."""

    def __init__(
        self, code: str, message: str, *, status: int = 409, reasons: Iterable[str] = ()
    ) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.reasons = tuple(reasons)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What a replay would do: the judged tree and how the state before its first step comes."""

    tree: ResultTree
    choice: ModeChoice


def plan_replay(
    *,
    trace: Trace,
    from_step: int,
    edits: Edits,
    mode: ReplayMode | None = None,
    acknowledged_setup: bool = False,
) -> ReplayPlan:
    """Judge a replay without starting it. Raises ReplayRefusedError with every reason found."""
    check_replayable(trace)
    result = _judge(trace, edits, acknowledged_setup=acknowledged_setup)
    last = len(result.scenario.steps)
    if not 1 <= from_step <= last:
        message = f"There is no step {from_step}: the scenario has steps 1 to {last}."
        raise ReplayRefusedError("bad_step", message, status=422)
    choice = choose_mode(
        from_step=from_step,
        edits=edits,
        before=result.before,
        after=result.scenario,
        restorable=has_capsule(trace),
        requested=mode,
    )
    return ReplayPlan(result, choice)


def check_replayable(trace: Trace) -> None:
    """Raise ReplayRefusedError when this trace cannot be replayed at all."""
    if trace.tier == Tier.COLD:
        raise ReplayRefusedError(TraceColdError.code, str(TraceColdError(trace.short_id)))
    if not trace.is_finished:
        raise ReplayRefusedError("trace_unfinished", "This run has not ended yet.")
    if not trace.scenario_path or not trace.code_sha:
        message = "Only a trace of a scenario at a known commit can be replayed."
        raise ReplayRefusedError("not_replayable", message)


class ReplayRequest(TypedDict, total=False):
    """What is asked for beside the trace; without a mode one is chosen."""

    from_step: Required[int]
    edits: Required[Edits]
    mode: ReplayMode | None
    repeat: int
    idempotency_key: str
    acknowledged_setup: bool


def request_replay(*, by: User | System, trace: Trace, **request: Unpack[ReplayRequest]) -> Replay:
    """Queue a replay of `trace` from a step, with edits. The caller checked the right to operate.

    The same idempotency key with the same request gives the replay it gave the first time.
    Raises ReplayRefusedError before anything runs or is stored.
    """
    return store_replay(by=by, asked=judge_replay(by=by, trace=trace, **request))


def judge_replay(
    *,
    by: User | System,
    trace: Trace,
    from_step: int,
    edits: Edits,
    mode: ReplayMode | None = None,
    repeat: int = 1,
    idempotency_key: str = "",
    acknowledged_setup: bool = False,
) -> Replay:
    """The judged replay for `store_replay`; nothing is stored. As `request_replay` otherwise.

    It reads the source, which may be far away: no transaction should be open meanwhile.
    """
    if not 1 <= repeat <= MAX_REPEAT:
        message = f"repeat is a number from 1 to {MAX_REPEAT}."
        raise ReplayRefusedError("bad_repeat", message, status=422)
    asked = Replay(
        trace=trace,
        from_step=from_step,
        edits=edits.to_json(),
        requested_mode=mode or "",
        repeat=repeat,
        acknowledged_setup=acknowledged_setup,
        idempotency_key=idempotency_key,
        requested_by=by if isinstance(by, User) else None,
    )
    if earlier := _earlier(asked):
        return earlier
    plan = plan_replay(
        trace=trace,
        from_step=from_step,
        edits=edits,
        mode=mode,
        acknowledged_setup=acknowledged_setup,
    )
    asked.mode, asked.mode_reason = plan.choice.mode, plan.choice.reason
    return asked


@transaction.atomic
def store_replay(*, by: User | System, asked: Replay) -> Replay:
    """Queue what `judge_replay` gave, or give what was queued with the same key before."""
    if asked.idempotency_key:
        # Two requests with one key may arrive together: the trace's row puts them in order.
        Trace.objects.select_for_update().get(pk=asked.trace_id)
        if earlier := _earlier(asked):
            return earlier
    asked.save(force_insert=True)
    _audit(by, asked, "replay.requested")
    enqueue(RUN_TASK, str(asked.pk))
    return asked


@transaction.atomic
def cancel_replay(*, by: User | System, replay: Replay) -> Replay:
    """Call a replay off: at once while it is queued, at the next step while it runs."""
    locked = Replay.objects.select_for_update().get(pk=replay.pk)
    if locked.status in ENDED or locked.cancel_requested:
        return locked
    now = timezone.now()
    locked.cancel_requested = now
    if locked.status == ReplayStatus.QUEUED:
        locked.status, locked.ended = ReplayStatus.CANCELED, now
        locked.message = "Canceled before it started."
    locked.save(update_fields=["cancel_requested", "status", "ended", "message"])
    _audit(by, locked, "replay.canceled")
    return locked


def _judge(trace: Trace, edits: Edits, *, acknowledged_setup: bool) -> ResultTree:
    try:
        source = open_repository(trace.project.repo, sha=trace.code_sha)
        with tempfile.TemporaryDirectory(prefix="trace-judge-") as scratch:
            return judge(
                GitRepository(source.path, scratch=Path(scratch)),
                trace.code_sha,
                edits,
                trace.scenario_path,
                acknowledged_setup=acknowledged_setup,
            )
    except RefusedError as error:
        message = "The edits are refused; nothing was run."
        raise ReplayRefusedError(
            "edits_refused", message, status=422, reasons=error.reasons
        ) from error
    except GitError as error:
        reason, _ = why_unreadable(error, trace.code_sha)
        message = f"The source at {trace.code_sha[:12]} cannot be read. {reason}"
        raise ReplayRefusedError("source_unavailable", message) from error


def _earlier(asked: Replay) -> Replay | None:
    if not asked.idempotency_key:
        return None
    found = Replay.objects.filter(trace=asked.trace, idempotency_key=asked.idempotency_key).first()
    if found is None:
        return None
    for name in ("from_step", "edits", "requested_mode", "repeat", "acknowledged_setup"):
        if getattr(found, name) != getattr(asked, name):
            message = f"This idempotency key was used with another “{name}”."
            raise ReplayRefusedError("idempotency_conflict", message)
    return found


def _audit(by: User | System, replay: Replay, action: str) -> None:
    audit.record(
        by=by,
        team=replay.trace.project.team,
        action=action,
        target=str(replay.pk),
        trace=replay.trace.short_id,
        from_step=replay.from_step,
        edited=replay.has_edits,
    )
