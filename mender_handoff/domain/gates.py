"""The gates in front of Promote: each says whether it is open and why.

Decides from facts, looks nothing up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mender_handoff.domain.messages import CLASSIFICATIONS


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    A closed gate that is `acceptable` opens when the person accepts `accepts` by name.
    """

    name: str
    title: str
    open: bool
    reason: str
    acceptable: bool = False
    accepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayFacts:
    """What the gates need of a replay. `belongs`: it replays this trace."""

    status: str
    belongs: bool
    regressions: tuple[str, ...] = ()
    edits_match: bool = True


@dataclass(frozen=True, slots=True)
class PromoteFacts:
    """Everything the gates look at, already fetched."""

    trace_status: str
    tier: str
    mender_enabled: bool
    has_edits: bool
    has_signature: bool
    classification: str
    target_branch: str
    attempt_state: str | None = None
    attempt_promotable: bool = True
    replay: ReplayFacts | None = None
    accepted_regressions: Sequence[str] = field(default_factory=tuple)


def evaluate(facts: PromoteFacts) -> tuple[Gate, ...]:
    """All gates in the order they are shown."""
    return (
        _failed(facts),
        _tier(facts),
        _edits(facts),
        _classification(facts),
        _branch(facts),
        _replay(facts),
        _regressions(facts),
        _attempt(facts),
        _mender(facts),
    )


def closed(gates: Sequence[Gate]) -> tuple[Gate, ...]:
    """Those that keep the attempt from being promoted."""
    return tuple(gate for gate in gates if not gate.open)


def _failed(facts: PromoteFacts) -> Gate:
    ok = facts.trace_status == "failed" and facts.has_signature
    reason = (
        "The trace failed and has a signature." if ok else "Only a failed trace can be promoted."
    )
    return Gate("trace_failed", "Failed trace", ok, reason)


def _tier(facts: PromoteFacts) -> Gate:
    ok = facts.tier != "cold"
    reason = f"The trace is {facts.tier}." if ok else "The trace is cold: thaw it first."
    return Gate("tier", "Trace is at hand", ok, reason)


def _edits(facts: PromoteFacts) -> Gate:
    reason = (
        "There is at least one edit."
        if facts.has_edits
        else "No edit: replay with one, or write it here."
    )
    return Gate("edits", "Edits", facts.has_edits, reason)


def _classification(facts: PromoteFacts) -> Gate:
    title = "Worth a pull request"
    if facts.classification == "flake":
        reason = "A flake passes and fails at the same commit: red and green would prove nothing."
        return Gate("classification", title, False, reason)
    if facts.classification not in CLASSIFICATIONS:
        return Gate("classification", title, False, "Choose what kind of failure this is.")
    name = facts.classification.replace("_", " ")
    return Gate("classification", title, True, f"Classified as {name}.")


def _branch(facts: PromoteFacts) -> Gate:
    ok = bool(facts.target_branch) and not facts.target_branch.startswith("mender/")
    reason = (
        f"The fix goes to {facts.target_branch}, through a draft pull request."
        if ok
        else "Name the branch that is to be fixed; it cannot be one of Mender's own."
    )
    return Gate("target_branch", "Target branch", ok, reason)


def _replay(facts: PromoteFacts) -> Gate:
    title, replay = "Replay succeeded", facts.replay
    if replay is None:
        reason = "No replay: Mender's own red and green runs will be the only proof."
        return Gate("replay", title, True, reason)
    if not replay.belongs:
        return Gate("replay", title, False, "This replay is of another trace.")
    if replay.status != "succeeded":
        return Gate("replay", title, False, f"The replay is {replay.status}, not succeeded.")
    if not replay.edits_match:
        reason = "The edits are not those the replay ran: replay them first."
        return Gate("replay", title, False, reason)
    return Gate("replay", title, True, "The replay with these edits succeeded.")


def _regressions(facts: PromoteFacts) -> Gate:
    title = "No new regression"
    found = facts.replay.regressions if facts.replay else ()
    missing = tuple(one for one in found if one not in set(facts.accepted_regressions))
    if not missing:
        reason = "Every new regression is accepted." if found else "The diff has none."
        return Gate("regressions", title, True, reason, bool(found), found)
    reason = "The diff shows: " + "; ".join(missing)
    return Gate("regressions", title, False, reason, True, found)


def _attempt(facts: PromoteFacts) -> Gate:
    ok = facts.attempt_promotable
    reason = (
        "No other attempt is under way for this failure."
        if ok
        else f"An attempt for this failure is already {facts.attempt_state}."
    )
    return Gate("attempt", "No attempt under way", ok, reason)


def _mender(facts: PromoteFacts) -> Gate:
    ok = facts.mender_enabled
    reason = "Mender is enabled." if ok else "Mender is switched off in the project's settings."
    return Gate("mender", "Mender enabled", ok, reason)
