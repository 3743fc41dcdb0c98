"""Which state an attempt may go to next, and who may move it.

The only place that knows; the diagram is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class State(StrEnum):
    """Where an attempt stands. The stored value is the word itself."""

    SUGGESTED = "suggested"
    DRAFT = "draft"
    NEEDS_EDIT = "needs_edit"
    QUEUED = "queued"
    ANALYZING = "analyzing"
    PATCHING = "patching"
    REBASED = "rebased"
    TESTING = "testing"
    UNPROVEN = "unproven"
    PUSHING = "pushing"
    OPENING_PR = "opening_pr"
    PR_OPEN = "pr_open"
    REVALIDATING = "revalidating"
    VALIDATED = "validated"
    MERGED = "merged"
    REJECTED = "rejected"
    DISMISSED = "dismissed"
    CANCELED = "canceled"
    FAILED = "failed"
    TAKEN_OVER = "taken_over"


class Outcome(StrEnum):
    """What came of an attempt, in the three words a person needs."""

    SUGGESTED = "suggested"
    APPLIED = "applied"
    REJECTED = "rejected"


class Mover(StrEnum):
    """Who asks for the move: a person in Trace, or Guard through a signed webhook."""

    PERSON = "person"
    GUARD = "guard"


class TransitionError(Exception):
    """This mover may not take the attempt from `source` to `target`."""

    def __init__(self, source: State, target: State, mover: Mover) -> None:
        super().__init__(f"an attempt that is {source} cannot become {target} by {mover}")
        self.source, self.target, self.mover = source, target, mover


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow of the diagram."""

    source: State
    target: State
    mover: Mover


S = State
ENDED = frozenset({S.MERGED, S.REJECTED, S.DISMISSED, S.CANCELED, S.FAILED, S.TAKEN_OVER})
#: States a person may promote from; the same set is offered by the modal and accepted by the API.
PROMOTABLE = frozenset({S.SUGGESTED, S.DRAFT, S.NEEDS_EDIT, S.UNPROVEN})
#: Mender is at work: nobody needs to do anything.
WORKING = (
    S.QUEUED,
    S.ANALYZING,
    S.PATCHING,
    S.REBASED,
    S.TESTING,
    S.PUSHING,
    S.OPENING_PR,
)
#: A pull request exists from here on.
WITH_PR = (S.PR_OPEN, S.REVALIDATING, S.VALIDATED)
_RANK = {state: n for n, state in enumerate((*WORKING, *WITH_PR))}


def _person() -> list[Transition]:
    moves = [Transition(s, S.QUEUED, Mover.PERSON) for s in sorted(PROMOTABLE)]
    moves += [Transition(S.SUGGESTED, S.DRAFT, Mover.PERSON)]
    moves += [Transition(s, S.DISMISSED, Mover.PERSON) for s in sorted(PROMOTABLE)]
    moves += [Transition(S.QUEUED, S.CANCELED, Mover.PERSON)]
    return moves


def _guard() -> list[Transition]:
    """Guard's updates may skip states: a webhook that comes late is overtaken by the next one."""
    ahead = [
        Transition(source, target, Mover.GUARD)
        for source in _RANK
        for target in _RANK
        if _RANK[target] > _RANK[source]
    ]
    stops = (S.NEEDS_EDIT, S.UNPROVEN, S.FAILED, S.CANCELED)
    ahead += [Transition(source, stop, Mover.GUARD) for source in WORKING for stop in stops]
    ends = (S.MERGED, S.REJECTED, S.TAKEN_OVER)
    ahead += [Transition(source, end, Mover.GUARD) for source in WITH_PR for end in ends]
    ahead += [Transition(S.REVALIDATING, S.PR_OPEN, Mover.GUARD)]
    ahead += [Transition(S.VALIDATED, S.REVALIDATING, Mover.GUARD)]
    return ahead


TRANSITIONS: frozenset[Transition] = frozenset([*_person(), *_guard()])


def can_move(source: State, target: State, mover: Mover) -> bool:
    """True if the table has this arrow, or if nothing would change."""
    return source == target or Transition(source, target, mover) in TRANSITIONS


def lies_behind(state: State, current: State) -> bool:
    """Whether the chain has `state` before `current`: to repeat what led there is no news."""
    return state in _RANK and current in _RANK and _RANK[state] < _RANK[current]


def check_move(source: State, target: State, mover: Mover) -> None:
    """Raise TransitionError unless `can_move`."""
    if not can_move(source, target, mover):
        raise TransitionError(source, target, mover)


def outcome_of(state: State) -> Outcome:
    """`applied` from the moment a pull request is open, `rejected` when a person said no."""
    if state in WITH_PR or state in (S.MERGED, S.TAKEN_OVER):
        return Outcome.APPLIED
    if state in (S.DISMISSED, S.REJECTED):
        return Outcome.REJECTED
    return Outcome.SUGGESTED


def mermaid() -> str:
    """The table as a mermaid state diagram.

    Skipped-ahead arrows of Guard are drawn as one chain.
    """
    chain = (*WORKING, *WITH_PR)
    drawn = [(a, b, Mover.GUARD) for a, b in pairwise(chain)]
    shortcuts = {(S.PATCHING, S.TESTING, Mover.GUARD)}
    rest = [
        (t.source, t.target, t.mover)
        for t in TRANSITIONS
        if not (t.source in _RANK and t.target in _RANK and _RANK[t.target] > _RANK[t.source])
    ]
    lines = ["stateDiagram-v2", "    [*] --> suggested: guard", "    [*] --> queued: person"]
    for source, target, mover in sorted({*drawn, *shortcuts, *rest}):
        lines.append(f"    {source} --> {target}: {mover}")
    lines += [f"    {state} --> [*]" for state in sorted(ENDED)]
    return "\n".join(lines) + "\n"


MEANINGS = {
    S.SUGGESTED: "Mender has analysed the failure, or is at it; nobody has promoted it",
    S.DRAFT: "a person promoted, but no Guard is connected; it can be sent later",
    S.NEEDS_EDIT: "Mender cannot go on with these edits; a person may promote others",
    S.QUEUED: "promoted, waiting for Mender",
    S.ANALYZING: "Mender confirms the class",
    S.PATCHING: "Mender applies the edits to the target branch",
    S.REBASED: "the target branch differs from what the replay ran; Mender runs it anew",
    S.TESTING: "Mender runs the regression test without and with the fix",
    S.UNPROVEN: "the runs did not prove the fix; a person may promote again or dismiss",
    S.PUSHING: "Mender creates its branch",
    S.OPENING_PR: "Mender opens the draft pull request",
    S.PR_OPEN: "the draft pull request is open",
    S.REVALIDATING: "Guard checks the pull request's branch",
    S.VALIDATED: "Guard's check of the pull request's branch is green",
    S.MERGED: "a person merged it",
    S.REJECTED: "a person closed the pull request without taking it",
    S.DISMISSED: "a person said no to the suggestion",
    S.CANCELED: "taken back before Mender began",
    S.FAILED: "the fix does not work, or Mender could not run",
    S.TAKEN_OVER: "a person pushed to Mender's branch; Mender keeps off",
}


def document() -> str:
    """docs/explanation/attempt-states.md, made from the table."""
    rows = "\n".join(f"| `{state}` | {MEANINGS[state]} | {outcome_of(state)} |" for state in State)
    return f"""# The states of an attempt

Made by `manage.py attempt_states` from `mender_handoff/domain/attempt_states.py`; do not edit.

An arrow names who may move the attempt: a person in Trace, or Guard by a signed webhook. Webhooks
may be overtaken by later ones, so Guard may also skip states along its chain. The outcome is
what a person needs to know of the state.

| state | meaning | outcome |
|---|---|---|
{rows}

```mermaid
{mermaid()}```
"""
