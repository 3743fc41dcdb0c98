"""The closed sets of words a trace row uses: status, source, origin, tier."""

from enum import StrEnum


class TraceStatus(StrEnum):
    """What became of the recorded run."""

    QUEUED = "queued"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    ABORTED = "aborted"


class TraceSource(StrEnum):
    """Why the run happened. The last four are runs the product makes itself."""

    PR = "pr"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    SHADOW_DIFF = "shadow_diff"
    REPLAY = "replay"
    FLAKE_CHECK = "flake_check"
    PROOF = "proof"
    REVALIDATION = "revalidation"


# Never auto-pinned, pre-classified, announced, or counted in clusters and Failed · 24h.
QUIET_SOURCES = frozenset({TraceSource.REPLAY, TraceSource.FLAKE_CHECK, TraceSource.PROOF})


class TraceOrigin(StrEnum):
    """Who numbered the events: the recorder, the importer, or our runner's merge."""

    APPEND = "append"
    ZIP = "zip"
    BUNDLE = "bundle"


class Tier(StrEnum):
    """How close at hand a trace's record is kept."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


FINISHED = frozenset(
    {TraceStatus.PASSED, TraceStatus.FAILED, TraceStatus.ERROR, TraceStatus.ABORTED}
)
