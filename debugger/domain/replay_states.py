"""The closed sets of words a replay uses."""

from enum import StrEnum


class ReplayStatus(StrEnum):
    """Where a replay stands. `failed` executed and a step failed; `error` is infrastructure."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DIVERGED = "diverged"
    ERROR = "error"
    REFUSED = "refused"
    CANCELED = "canceled"


ENDED = frozenset(set(ReplayStatus) - {"queued", "preparing", "running"})


class ReplayMode(StrEnum):
    """How the state before step N came about."""

    RESTORE = "restore"
    FAST_FORWARD = "fast_forward"
