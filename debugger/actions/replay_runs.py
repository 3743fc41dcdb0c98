"""What the worker writes about a replay: lease, progress, runs, end. The row is the truth.

Whoever claims a replay gets a number (`tries`); later writes with an older number change nothing,
so a worker that was thought dead cannot overwrite its successor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from debugger.actions.replays import RUN_TASK
from debugger.domain.replay_states import ENDED, ReplayStatus
from debugger.models import Replay, ReplayRun
from trace_app.actions import audit
from trace_app.actions.ingest import ingest_bundle
from trace_app.domain.diff import diff_traces
from trace_app.domain.states import TraceSource
from trace_app.domain.system import System
from trace_app.models import Trace
from trace_app.permissions import OPERATE, can
from trace_app.queries.events import trace_view
from trace_app.queue import enqueue

LEASE: Final = timedelta(seconds=20)
MAX_TRIES: Final = 3
WORKER: Final = System("replay worker")


class LeaseLostError(Exception):
    """Another worker has this replay now: stop and write nothing more."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a replay ended: status, words for people, and what the page shows of it."""

    status: ReplayStatus
    message: str = ""
    log_tail: str = ""
    mode: str = ""
    mode_reason: str = ""
    level: str = ""


@transaction.atomic
def claim_replay(replay_id: UUID) -> Replay | None:
    """Take the lease on a replay; None when it has ended or somebody else works on it.

    A replay whose worker was lost MAX_TRIES times, or whose person may no longer replay, is
    ended here instead.
    """
    replay = (
        Replay.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("trace__project__team", "requested_by")
        .filter(pk=replay_id, ended__isnull=True)
        .first()
    )
    now = timezone.now()
    if replay is None or (replay.lease_until is not None and replay.lease_until > now):
        return None
    if refusal := _cannot_run(replay):
        _end(replay, refusal)
        return None
    replay.tries += 1
    replay.lease_until = now + LEASE
    replay.started = replay.started or now
    replay.status = ReplayStatus.PREPARING
    replay.progress = {**replay.progress, "phase": "preparing"}
    replay.save(update_fields=["tries", "lease_until", "started", "status", "progress"])
    return replay


def renew_lease(replay_id: UUID, tries: int) -> bool:
    """Hold the lease for another LEASE; False when it belongs to another worker by now."""
    until = timezone.now() + LEASE
    return bool(_mine(replay_id, tries).update(lease_until=until))


def cancel_wanted(replay_id: UUID, tries: int) -> bool:
    """Say whether the run should stop: a person canceled it, or the lease is gone."""
    return not _mine(replay_id, tries).filter(cancel_requested__isnull=True).exists()


def record_progress(
    replay_id: UUID, tries: int, *, phase: str, step: int | None, of: int, run: int
) -> None:
    """Say where the run stands. `phase` is a word for people; `step` counts within `of`."""
    status = ReplayStatus.PREPARING if step is None else ReplayStatus.RUNNING
    progress = {"phase": phase, "step": step, "of": of, "run": run}
    _mine(replay_id, tries).update(
        status=status, progress=progress, lease_until=timezone.now() + LEASE
    )


@transaction.atomic
def record_run(
    replay: Replay, *, number: int, outcome: Mapping[str, Any], bundle: Path | None
) -> ReplayRun:
    """Ingest one execution's bundle as a child trace and keep both, or neither.

    `outcome`: status, verdicts {step: status}, ran_blobs, changed_before, sandbox_level, mode.
    The first run's child is compared with the trace, and the difference stays on the replay.
    Raises LeaseLostError when the replay is another worker's by now.
    """
    if not _mine(replay.pk, replay.tries).select_for_update().exists():
        raise LeaseLostError
    child = None
    if bundle is not None:
        child = ingest_bundle(
            by=WORKER,
            project=replay.trace.project,
            path=bundle,
            source=TraceSource.REPLAY,
            parent=replay.trace,
        )
    run = ReplayRun.objects.create(
        replay=replay,
        number=number,
        status=outcome["status"],
        trace=child,
        verdicts=outcome["verdicts"],
    )
    if number == 1:
        _keep_first(replay, outcome, child)
    return run


def _keep_first(replay: Replay, outcome: Mapping[str, Any], child: Trace | None) -> None:
    for name in ("ran_blobs", "changed_before", "sandbox_level", "mode"):
        setattr(replay, name, outcome[name])
    if child is not None:
        replay.diff = diff_traces(trace_view(replay.trace), trace_view(child)).to_json()
    replay.save(update_fields=["ran_blobs", "changed_before", "sandbox_level", "mode", "diff"])


@transaction.atomic
def finish_replay(replay_id: UUID, tries: int, ending: Ending) -> bool:
    """End a replay. False when it was not this worker's any more."""
    replay = (
        _mine(replay_id, tries)
        .select_for_update(of=("self",))
        .select_related("trace__project__team")
        .first()
    )
    if replay is None:
        return False
    _end(replay, ending)
    return True


def sweep_replays() -> int:
    """Wake a worker for every unfinished replay without a live lease; returns how many."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now())
    waiting = list(Replay.objects.filter(free, ended__isnull=True).values_list("pk", flat=True))
    for pk in waiting:
        enqueue(RUN_TASK, str(pk))
    return len(waiting)


def _mine(replay_id: UUID, tries: int) -> Any:
    return Replay.objects.filter(pk=replay_id, tries=tries).exclude(status__in=ENDED)


def _cannot_run(replay: Replay) -> Ending | None:
    if replay.cancel_requested:
        return Ending(ReplayStatus.CANCELED, "Canceled.")
    if replay.tries >= MAX_TRIES:
        message = f"The worker was lost {MAX_TRIES} times while running this replay."
        return Ending(ReplayStatus.ERROR, message)
    person = replay.requested_by
    if person is not None and not can(person, OPERATE, replay.trace.project.team):
        message = "Whoever asked for this replay may no longer replay in this team."
        return Ending(ReplayStatus.REFUSED, message)
    return None


def _end(replay: Replay, ending: Ending) -> None:
    replay.status, replay.message = ending.status, ending.message
    replay.log_tail = ending.log_tail
    replay.sandbox_level = ending.level or replay.sandbox_level
    replay.mode = ending.mode or replay.mode
    replay.mode_reason = ending.mode_reason or replay.mode_reason
    replay.ended, replay.lease_until = timezone.now(), None
    replay.save()
    audit.record(
        by=WORKER,
        team=replay.trace.project.team,
        action=f"replay.{ending.status.value}",
        target=str(replay.pk),
        trace=replay.trace.short_id,
    )
