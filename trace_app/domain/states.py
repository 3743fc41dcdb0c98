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

# What an attempt is between the person's click and its end: its trace is kept as it is meanwhile.
MENDER_AT_WORK = frozenset(
    {
        "queued",
        "analyzing",
        "patching",
        "rebased",
        "testing",
        "pushing",
        "opening_pr",
        "pr_open",
        "revalidating",
        "validated",
    }
)


class TraceColdError(Exception):
    """The events asked for lie in an archive; thawing brings them back."""

    code = "trace_cold"

    def __init__(self, short_id: str) -> None:
        self.short_id = short_id
        super().__init__(
            f"Trace {short_id} is cold: its events are archived. Press Thaw on its page, or "
            f"POST /v1/traces/{short_id}/thaw, and ask again when its tier is warm."
        )
