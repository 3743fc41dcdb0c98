"""What Trace and Guard say to each other, as typed JSON.

Both sides import this; docs/reference/guard-api.md explains it.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from trace_app.domain.strict_json import JsonError, read_storable

Classification = str
CLASSIFICATIONS = ("product_bug", "scenario_bug", "env", "flake", "unsure")
INTENTS = ("analyze", "fix")
#: A request with slices, edits and a diff. Larger ones are refused before they are read.
MAX_BODY = 8 * 1024 * 1024

Short = Annotated[str, msgspec.Meta(max_length=300)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
#: As wide as the columns that keep them.
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Word = Annotated[str, msgspec.Meta(max_length=20)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Sha = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}$")]
Markdown = Annotated[str, msgspec.Meta(max_length=100_000)]


class MessageError(Exception):
    """The JSON is not the message it should be; the text names the field."""


class UnknownTypeError(MessageError):
    """A message of a kind that is none of Guard's."""


class ScenarioInfo(msgspec.Struct, kw_only=True):
    """A scenario as a run knows it; `id` is empty for a scenario without front-matter id."""

    slug: Name
    id: Short = ""
    title: Short = ""
    path: Short = ""


class GreenRun(msgspec.Struct, kw_only=True):
    """The last passing run of the same scenario that Trace knows."""

    trace_id: Short
    sha: Short
    permalink: Short = ""


class TraceInfo(msgspec.Struct, kw_only=True):
    """The failing trace an attempt is about. `signature` is summary.json's, with its parts."""

    id: Name
    short_id: Name
    permalink: Short
    scenario: ScenarioInfo
    sha: Sha
    status: Short
    branch: Short = ""
    pr: int | None = None
    check_id: Short | None = None
    failing_step: int | None = None
    signature: dict[str, Any] | None = None
    last_green: GreenRun | None = None


class Slice(msgspec.Struct, kw_only=True):
    """The events of one step as NDJSON, in seq order; `truncated` if the step had more."""

    step: int
    seq_first: int
    seq_last: int
    ndjson: str
    truncated: bool = False


class ReplayInfo(msgspec.Struct, kw_only=True):
    """The Layer 2 replay that showed the edits to work. `diff` is TraceDiff as JSON."""

    id: Name
    permalink: Short = ""
    from_step: int = 1
    mode: Short = ""
    trace_id: Short = ""
    trace_permalink: Short = ""
    ran_blobs: dict[str, str] = {}
    diff: dict[str, Any] | None = None


class Person(msgspec.Struct, kw_only=True):
    """Who clicked Promote."""

    name: Short
    email: Short = ""


class AttemptRequest(msgspec.Struct, kw_only=True):
    """Body of POST /v1/mender/attempts.

    `intent` analyze stops after the analysis, fix goes on to a pull request.
    """

    schema: int = 1
    intent: str
    attempt_id: Key
    idempotency_key: Name
    repository: Name
    target_branch: Name
    base_sha: Sha
    trace: TraceInfo
    slices: list[Slice] = []
    edits: dict[str, Any] | None = None
    replay: ReplayInfo | None = None
    analysis_markdown: Markdown = ""
    classification: Short = ""
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    accept_weakened: bool = False
    accepted_regressions: list[str] = []
    attempt_permalink: Short = ""
    promoted_by: Person | None = None


class EvidenceItem(msgspec.Struct, kw_only=True):
    """One named reason for a class. `seqs` are events of the failing trace that show it."""

    name: str
    points_to: str
    weight: float
    text: str
    seqs: list[int] = []


class StageView(msgspec.Struct, kw_only=True):
    """One stage of Mender's pipeline, latest run.

    `state`: pending, running, done, failed, waiting, skipped.
    """

    name: str
    state: str
    started_at: str | None = None
    ended_at: str | None = None
    input_sha256: str = ""
    result: dict[str, Any] = {}
    error: str = ""


class PullRequestView(msgspec.Struct, kw_only=True):
    """The pull request on the forge. `state`: open, merged, closed."""

    number: int
    url: str
    title: str
    branch: str
    base: str
    draft: bool
    state: str


class AttemptView(msgspec.Struct, kw_only=True):
    """Reply of the attempt calls and data of mender.attempt.updated.

    `sequence` grows with every change of one job.
    """

    id: str
    attempt_id: str
    idempotency_key: str
    sequence: int
    intent: str
    state: str
    classification: str = ""
    confidence: float = 0.0
    analysis_line: str = ""
    analysis_markdown: str = ""
    evidence: list[EvidenceItem] = []
    base_sha: str = ""
    head_sha: str = ""
    pull_request: PullRequestView | None = None
    red_trace: str | None = None
    green_trace: str | None = None
    revalidation_check: str | None = None
    revalidation_trace: str | None = None
    merge_sha: str = ""
    stages: list[StageView] = []
    error: str = ""


class CheckRequest(msgspec.Struct, kw_only=True):
    """Body of POST /v1/checks: run the scenarios of `repository` at `ref` (branch or sha)."""

    idempotency_key: Name
    repository: Name
    ref: Name
    source: Word = "manual"
    pr: Number | None = None
    scenarios: list[str] = []


class RunView(msgspec.Struct, kw_only=True):
    """One scenario of a check. `trace_id` is null until (or unless) a trace was uploaded."""

    id: str
    scenario: ScenarioInfo
    status: str
    trace_id: str | None = None
    failing_step: int | None = None
    duration_ms: int | None = None
    message: str = ""


class CheckView(msgspec.Struct, kw_only=True):
    """A check. `status`: queued, running, passed, failed, error, canceled."""

    id: str
    repository: str
    branch: str
    sha: str
    source: str
    status: str
    url: str
    pr: int | None = None
    started_at: str | None = None
    completed_at: str | None = None
    runs: list[RunView] = []


class Push(msgspec.Struct, kw_only=True):
    """Body of POST /v1/push: the branches whose heads have moved."""

    branches: list[str]


class Webhook(msgspec.Struct, kw_only=True):
    """The envelope of every message to /v1/webhooks/guard."""

    type: str
    timestamp: str
    data: dict[str, Any]


class CheckCompleted(msgspec.Struct, kw_only=True):
    """Data of check.completed."""

    check: CheckView


class RevalidationCompleted(msgspec.Struct, kw_only=True):
    """Data of revalidation.completed: the check of the pull request's own branch."""

    attempt_id: str
    sequence: int
    check: CheckView


def decode[T](body: bytes, kind: type[T]) -> T:
    """Bytes as `kind`, or MessageError with the path of the wrong field."""
    try:
        return convert(read_storable(body), kind)
    except JsonError as error:
        raise MessageError(str(error)) from error


def convert[T](data: object, kind: type[T]) -> T:
    """Plain JSON values as `kind`, or MessageError."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise MessageError(str(error)) from error


def encode(message: msgspec.Struct) -> bytes:
    """Compact JSON, fields in declared order and keys sorted: equal messages are equal bytes."""
    return msgspec.json.encode(message, order="deterministic")


def to_json(message: msgspec.Struct) -> dict[str, Any]:
    """The message as plain JSON values."""
    plain: dict[str, Any] = msgspec.to_builtins(message)
    return plain


def decode_attempt_request(body: bytes) -> AttemptRequest:
    """AttemptRequest with its words checked. Raises MessageError."""
    request = decode(body, AttemptRequest)
    if request.schema != 1:
        raise MessageError("schema must be 1 - at `$.schema`")
    if request.intent not in INTENTS:
        raise MessageError(f"intent must be one of {', '.join(INTENTS)} - at `$.intent`")
    if request.classification and request.classification not in CLASSIFICATIONS:
        raise MessageError("unknown class - at `$.classification`")
    return request
