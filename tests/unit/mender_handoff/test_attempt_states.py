"""The transition table: who may move what, and that its document is up to date."""

from pathlib import Path

import pytest

from mender_handoff.domain.attempt_states import (
    ENDED,
    PROMOTABLE,
    TRANSITIONS,
    WITH_PR,
    WORKING,
    Mover,
    Outcome,
    State,
    TransitionError,
    can_move,
    check_move,
    document,
    outcome_of,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "explanation" / "attempt-states.md"


def test_the_document_is_made_from_the_table() -> None:
    assert DOCUMENT.read_text() == document(), (
        "write it anew: .venv/bin/python manage.py attempt_states > " + str(DOCUMENT.name)
    )


def test_nothing_leaves_an_ended_state() -> None:
    assert not [one for one in TRANSITIONS if one.source in ENDED]


def test_every_state_that_is_not_ended_can_end() -> None:
    reach = {state for state in State if state in ENDED}
    for _ in State:
        reach |= {one.source for one in TRANSITIONS if one.target in reach}
    assert reach == set(State)


@pytest.mark.parametrize("state", sorted(PROMOTABLE))
def test_a_person_promotes_and_dismisses_what_is_promotable(state: State) -> None:
    check_move(state, State.QUEUED, Mover.PERSON)
    check_move(state, State.DISMISSED, Mover.PERSON)


def test_guard_neither_promotes_nor_dismisses() -> None:
    for state in PROMOTABLE:
        assert not can_move(state, State.QUEUED, Mover.GUARD)
        assert not can_move(state, State.DISMISSED, Mover.GUARD)


def test_a_person_cannot_say_merged_and_guard_says_it_only_of_a_pull_request() -> None:
    movers = {one.mover for one in TRANSITIONS if one.target == State.MERGED}
    sources = {one.source for one in TRANSITIONS if one.target == State.MERGED}
    assert movers == {Mover.GUARD}
    assert sources == set(WITH_PR)


def test_late_webhooks_move_ahead_and_never_back() -> None:
    chain = (*WORKING, *WITH_PR)
    for number, source in enumerate(chain):
        for target in chain[number + 1 :]:
            assert can_move(source, target, Mover.GUARD)
    assert not can_move(State.TESTING, State.PATCHING, Mover.GUARD)


def test_a_refused_move_names_both_states_and_the_mover() -> None:
    with pytest.raises(TransitionError, match="merged cannot become queued by person"):
        check_move(State.MERGED, State.QUEUED, Mover.PERSON)


def test_outcomes() -> None:
    assert outcome_of(State.QUEUED) == Outcome.SUGGESTED
    assert outcome_of(State.PR_OPEN) == Outcome.APPLIED
    assert outcome_of(State.MERGED) == Outcome.APPLIED
    assert outcome_of(State.DISMISSED) == Outcome.REJECTED
