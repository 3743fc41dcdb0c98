"""The gates of promotion, one fact at a time."""

from dataclasses import replace

import pytest

from mender_handoff.domain.gates import PromoteFacts, ReplayFacts, closed, evaluate

OPEN = PromoteFacts(
    trace_status="failed",
    tier="hot",
    mender_enabled=True,
    has_edits=True,
    has_signature=True,
    classification="product_bug",
    target_branch="pr/1",
    replay=ReplayFacts(status="succeeded", belongs=True),
)


def names(facts: PromoteFacts) -> list[str]:
    return [gate.name for gate in closed(evaluate(facts))]


def test_all_open() -> None:
    assert names(OPEN) == []
    assert names(replace(OPEN, replay=None)) == []


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"trace_status": "passed"}, "trace_failed"),
        ({"has_signature": False}, "trace_failed"),
        ({"tier": "cold"}, "tier"),
        ({"mender_enabled": False}, "mender"),
        ({"has_edits": False}, "edits"),
        ({"classification": "flake"}, "classification"),
        ({"classification": "something"}, "classification"),
        ({"target_branch": ""}, "target_branch"),
        ({"target_branch": "mender/x"}, "target_branch"),
        ({"attempt_promotable": False, "attempt_state": "testing"}, "attempt"),
        ({"replay": ReplayFacts("failed", True)}, "replay"),
        ({"replay": ReplayFacts("succeeded", False)}, "replay"),
        ({"replay": ReplayFacts("succeeded", True, edits_match=False)}, "replay"),
        ({"replay": ReplayFacts("succeeded", True, ("network: GET / 500",))}, "regressions"),
    ],
)
def test_each_gate_closes_alone(change: dict[str, object], gate: str) -> None:
    assert names(replace(OPEN, **change)) == [gate]  # type: ignore[arg-type]


def test_every_regression_must_be_accepted_by_name() -> None:
    replay = ReplayFacts("succeeded", True, ("a", "b"))
    assert names(replace(OPEN, replay=replay, accepted_regressions=("a",))) == ["regressions"]
    assert names(replace(OPEN, replay=replay, accepted_regressions=("b", "a"))) == []


def test_closed_gates_say_why() -> None:
    shut = closed(evaluate(replace(OPEN, tier="cold", has_edits=False)))
    assert all(gate.reason for gate in shut)


FOUND = ReplayFacts("succeeded", True, ("network: GET / 500",))


@pytest.mark.parametrize(
    ("gate", "shut", "opened", "shuts"),
    [
        ("trace_failed", {"trace_status": "passed"}, "has a signature", "Only a failed trace"),
        ("tier", {"tier": "cold"}, "is hot", "thaw it first"),
        ("edits", {"has_edits": False}, "at least one", "No edit"),
        ("classification", {"classification": "flake"}, "as product bug", "prove nothing"),
        ("target_branch", {"target_branch": "mender/x"}, "goes to pr/1", "Mender's own"),
        ("replay", {"replay": ReplayFacts("failed", True)}, "succeeded", "is failed, not"),
        ("regressions", {"replay": FOUND}, "has none", "shows: network: GET / 500"),
        ("attempt", {"attempt_promotable": False}, "No other attempt", "is already"),
        ("mender", {"mender_enabled": False}, "is enabled", "switched off"),
    ],
)
def test_each_gate_says_what_holds(
    gate: str, shut: dict[str, object], opened: str, shuts: str
) -> None:
    def reason(facts: PromoteFacts) -> str:
        [found] = [one for one in evaluate(facts) if one.name == gate]
        return found.reason

    assert opened in reason(OPEN)
    assert shuts in reason(replace(OPEN, **shut))  # type: ignore[arg-type]


def test_accepted_regressions_are_called_accepted() -> None:
    facts = replace(OPEN, replay=FOUND, accepted_regressions=FOUND.regressions)
    assert any("is accepted" in gate.reason for gate in evaluate(facts))
