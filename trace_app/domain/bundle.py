"""Bundle version 1: one run as a zip, written by runners and by export, read at ingest.

Members: manifest.json, run.json, events.ndjson, playwright.zip?, blobs/{sha256}, and on upload
alone capsule.json. Writing one is bundle_writing.py's; where it is stored is not decided here.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Annotated, Any, Final, Literal

import msgspec

from trace_app.domain.archive import DEFAULT_LIMITS, Archive, ArchiveError, Limits
from trace_app.domain.contents import Content, Shelf
from trace_app.domain.events import (
    MAX_EVENTS_PER_TRACE,
    MAX_STEP,
    Event,
    EventError,
    parse_ndjson,
)

VERSION: Final = 1
# A year: events are stored with their time since the run's start, which has its own bound.
MAX_RUN_MS: Final = 366 * 86_400_000
MAX_EVENTS_BYTES: Final = 512 * 1024 * 1024
MAX_JSON_BYTES: Final = 16 * 1024 * 1024
MAX_CAPSULE_BYTES: Final = 256 * 1024 * 1024
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FIXED: Final = frozenset(
    {"manifest.json", "run.json", "events.ndjson", "playwright.zip", "capsule.json"}
)

Status = Literal["passed", "failed", "error", "aborted"]
Source = Literal[
    "pr",
    "schedule",
    "manual",
    "shadow_diff",
    "replay",
    "flake_check",
    "proof",
    "revalidation",
]


PullNumber = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
StepNumber = Annotated[int, msgspec.Meta(ge=1, le=MAX_STEP)]


class ScenarioRef(msgspec.Struct, kw_only=True, frozen=True):
    """The scenario that ran; `path` within the repository."""

    id: str = ""
    slug: str
    title: str = ""
    path: str = ""


class TestRef(msgspec.Struct, kw_only=True, frozen=True):
    """The test that ran; `id` is pytest's node id or the reporter's title path."""

    __test__ = False  # a name pytest would collect
    id: str
    file: str = ""


class RunnerRef(msgspec.Struct, kw_only=True, frozen=True):
    """Who ran it; `level` is the sandbox level it got."""

    name: str = ""
    version: str = ""
    level: str = ""


class RunStep(msgspec.Struct, kw_only=True, frozen=True):
    """One step as the runner judged it, also those that never ran."""

    no: StepNumber
    text: str = ""
    title: str = ""
    status: str = ""
    error: str | None = None


class ErrorText(msgspec.Struct, kw_only=True, frozen=True):
    """Why a test failed, as the test runner says it."""

    message: str = ""
    stack: str = ""


class OutputText(msgspec.Struct, kw_only=True, frozen=True):
    """What a test printed."""

    stdout: str = ""
    stderr: str = ""


class RunInfo(msgspec.Struct, kw_only=True, frozen=True):
    """run.json: what the uploader knows and the events do not say. Times: RFC 3339, ms."""

    schema: Literal[1] = 1
    status: Status
    scenario: ScenarioRef | None = None
    test: TestRef | None = None
    sha: str = ""
    branch: str = ""
    pr: PullNumber | None = None
    source: Source = "manual"
    check_id: str | None = None
    started_at: str = ""
    duration_ms: Annotated[float, msgspec.Meta(ge=0, le=MAX_RUN_MS)] | None = None
    failing_step: StepNumber | None = None
    runner: RunnerRef = msgspec.field(default_factory=RunnerRef)
    steps: list[RunStep] = msgspec.field(default_factory=list)
    ran_blobs: dict[str, str] = msgspec.field(default_factory=dict)
    ci: dict[str, Any] = msgspec.field(default_factory=dict)
    title: str = ""
    author: str = ""
    repo: str = ""
    error: ErrorText | None = None
    output: OutputText = msgspec.field(default_factory=OutputText)


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle; its members are read when asked for."""

    archive: Archive
    run: RunInfo
    blobs: tuple[str, ...]

    @property
    def has_playwright(self) -> bool:
        """Whether a Playwright zip is attached."""
        return "playwright.zip" in self.archive

    @property
    def has_events(self) -> bool:
        """Whether the runner numbered events itself; else the Playwright zip is their source."""
        return "events.ndjson" in self.archive

    def events(self) -> list[Event]:
        """All events. Raises EventError naming the line, ArchiveError for a damaged member."""
        body = self.archive.read("events.ndjson", MAX_EVENTS_BYTES)
        return parse_ndjson(body, max_events=MAX_EVENTS_PER_TRACE)

    def playwright(self) -> Iterator[bytes]:
        """The attached zip in pieces."""
        return self.archive.stream("playwright.zip")

    def blob(self, sha256: str) -> bytes:
        """Raises ArchiveError when the content does not have the hash its name promises."""
        return b"".join(self._checked(sha256))

    def contents(self, shelf: Shelf) -> dict[str, Content]:
        """Every blob by its sha256, put on the shelf. Raises ArchiveError as `blob` does."""
        return {sha256: shelf.add(self._checked(sha256)) for sha256 in self.blobs}

    def _checked(self, sha256: str) -> Iterator[bytes]:
        name, digest = f"blobs/{sha256}", hashlib.sha256()
        for piece in self.archive.stream(name):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != sha256:
            raise ArchiveError(name, "wrong_hash", "content and name do not agree")

    def capsule(self) -> dict[str, Any] | None:
        """What a restoring replay needs, unmasked; None when the bundle carries none."""
        if "capsule.json" not in self.archive:
            return None
        capsule: dict[str, Any] = _json(self.archive, "capsule.json", dict, MAX_CAPSULE_BYTES)
        return capsule


def open_bundle(file: IO[bytes], limits: Limits = DEFAULT_LIMITS) -> Bundle:
    """A checked bundle. Raises ArchiveError naming the member that is wrong."""
    return bundle_in(Archive(file, limits))


def bundle_in(archive: Archive) -> Bundle:
    """The same of a zip that was opened already."""
    for name in archive.names():
        if name not in _FIXED and not _is_blob(name):
            raise ArchiveError(name, "unknown_member", "does not belong in a bundle")
    if "manifest.json" in archive:
        manifest = _json(archive, "manifest.json", dict, MAX_JSON_BYTES)
        if manifest.get("version") != VERSION:
            raise ArchiveError("manifest.json", "unknown_version", f"version must be {VERSION}")
    run = _json(archive, "run.json", RunInfo, MAX_JSON_BYTES)
    blobs = tuple(name.removeprefix("blobs/") for name in archive.names() if _is_blob(name))
    return Bundle(archive=archive, run=run, blobs=blobs)


def is_bundle(names: Iterable[str]) -> bool:
    """Whether a zip with these members is meant as a bundle, not as a Playwright trace."""
    held = set(names)
    return "run.json" in held or {"manifest.json", "events.ndjson"} <= held


def parse_run(body: bytes) -> RunInfo:
    """run.json sent on its own. Raises ArchiveError("run.json", …)."""
    try:
        return msgspec.json.decode(body, type=RunInfo)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ArchiveError("run.json", "bad_json", str(error)) from error


def sha256_hex(content: bytes) -> str:
    """The name of a blob."""
    return hashlib.sha256(content).hexdigest()


def _is_blob(name: str) -> bool:
    return name.startswith("blobs/") and _SHA256.fullmatch(name[6:]) is not None


def _json(archive: Archive, name: str, type_: Any, limit: int) -> Any:
    body = archive.read(name, limit)
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ArchiveError(name, "bad_json", str(error)) from error


__all__ = [
    "Bundle",
    "EventError",
    "RunInfo",
    "RunStep",
    "RunnerRef",
    "ScenarioRef",
    "TestRef",
    "bundle_in",
    "is_bundle",
    "open_bundle",
    "parse_run",
    "sha256_hex",
]
