"""The names of Mender's stages in order, and the state an attempt is in while each runs."""

import hashlib
from typing import Any

import msgspec

from mender_handoff.domain.attempt_states import State

ANALYZE, PATCH, TEST, PULL_REQUEST, REVALIDATE = (
    "analyze",
    "patch",
    "test",
    "pull_request",
    "revalidate",
)
STAGES = (ANALYZE, PATCH, TEST, PULL_REQUEST, REVALIDATE)
STATE_DURING = {
    ANALYZE: State.ANALYZING,
    PATCH: State.PATCHING,
    TEST: State.TESTING,
    PULL_REQUEST: State.PUSHING,
    REVALIDATE: State.REVALIDATING,
}


class StopError(Exception):
    """A stage ends the pipeline: the state the attempt goes to, and why, for people."""

    def __init__(self, state: State, reason: str, result: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.state, self.reason, self.result = state, reason, result or {}


class WaitingError(Exception):
    """A stage waits for something that will wake the job again."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__("waiting")
        self.result = result


def input_hash(inputs: object) -> str:
    """sha256 of the inputs as canonical JSON: the same inputs need not be worked on again."""
    return hashlib.sha256(msgspec.json.encode(inputs, order="sorted")).hexdigest()
