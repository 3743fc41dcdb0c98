"""The facts behind the promote gates, looked up. Deciding is domain/gates.py's."""

from collections.abc import Sequence
from dataclasses import dataclass

from debugger.domain.edits import Edits
from debugger.models import Replay
from mender_handoff.domain.attempt_states import PROMOTABLE, State
from mender_handoff.domain.gates import Gate, PromoteFacts, ReplayFacts, evaluate
from mender_handoff.models import MenderAttempt
from mender_handoff.queries.attempts import open_attempts
from trace_app.domain.diff import from_json
from trace_app.models import Trace


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to promote."""

    trace: Trace
    replay: Replay | None
    edits: Edits
    classification: str
    target_branch: str
    accepted_regressions: Sequence[str] = ()
    accept_weakened: bool = False


def open_attempt(wish: Wish) -> MenderAttempt | None:
    """The row a promotion would update: the promoted one if there is one, else the suggestion."""
    rows = list(open_attempts(wish.trace.project, wish.target_branch, wish.trace.signature))
    promoted = [row for row in rows if row.promoted_at]
    return next(iter(promoted or rows), None)


def gates(wish: Wish, attempt: MenderAttempt | None) -> tuple[Gate, ...]:
    """Every gate with its reason."""
    trace = wish.trace
    return evaluate(
        PromoteFacts(
            trace_status=trace.status,
            tier=trace.tier,
            mender_enabled=trace.project.mender_enabled,
            has_edits=not wish.edits.is_empty,
            has_signature=trace.signature_id is not None,
            classification=wish.classification,
            target_branch=wish.target_branch,
            attempt_state=attempt.state if attempt else None,
            attempt_promotable=attempt is None or State(attempt.state) in PROMOTABLE,
            replay=_replay_facts(wish),
            accepted_regressions=tuple(wish.accepted_regressions),
        )
    )


def _replay_facts(wish: Wish) -> ReplayFacts | None:
    replay = wish.replay
    if replay is None:
        return None
    return ReplayFacts(
        status=replay.status,
        belongs=replay.trace_id == wish.trace.pk,
        regressions=regressions_of(replay),
        edits_match=Edits.from_json(replay.edits) == wish.edits,
    )


def regressions_of(replay: Replay) -> tuple[str, ...]:
    """The new regressions of a replay's diff by name, as a person accepts them."""
    if not replay.diff:
        return ()
    return tuple(f"{one.kind}: {one.detail}" for one in from_json(replay.diff).new_regressions)
