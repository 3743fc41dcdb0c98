"""What a Playwright trace holds, on the wall clock (epoch milliseconds), whatever its format."""

from dataclasses import dataclass, field
from typing import Any, Final

# Written down with each trace: the same zip read by another importer may number differently.
IMPORTER_VERSION: Final = 2
NEWEST_FORMAT: Final = 10
OLDEST_FORMAT: Final = 3


class PlaywrightError(ValueError):
    """A trace that cannot be read: `member` and `line` (0: the whole member) say where."""

    def __init__(self, member: str, line: int, code: str, message: str) -> None:
        place = f"{member} line {line}: " if line else f"{member}: " if member else ""
        super().__init__(place + message)
        self.member = member
        self.line = line
        self.code = code
        self.message = message


class NewerFormatError(PlaywrightError):
    """A trace of a format that only a later Trace can read; `title` is the recorder's."""

    def __init__(self, member: str, version: int, title: str) -> None:
        message = f"format {version} is newer than {NEWEST_FORMAT}, the newest this Trace reads"
        super().__init__(member, 1, "newer_format", message)
        self.version = version
        self.title = title


@dataclass(frozen=True, slots=True)
class Place:
    """The member and line something was read from; orders events of the same millisecond."""

    member: str
    line: int


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One entry of a call's stack, in the test's source."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class CallError:
    """Why a call failed; colours are removed."""

    name: str
    message: str
    stack: str


@dataclass(slots=True)
class Call:
    """One API call, expect, hook, fixture or test step. `end_ms` is None until it is closed."""

    call_id: str
    parent_id: str | None
    start_ms: float
    cls: str
    method: str
    params: dict[str, Any]
    title: str
    place: Place
    subtitle: str = ""
    end_ms: float | None = None
    finished: bool = False
    error: CallError | None = None
    stack: tuple[CodeLine, ...] = ()
    attachments: list[dict[str, Any]] = field(default_factory=list)
    point: dict[str, float] | None = None
    log: list[str] = field(default_factory=list)
    from_runner: bool = False
    # API name and epoch milliseconds: before format 7 all that runner and library share of a call.
    same_as: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One screencast picture; `file` may be missing from the zip."""

    wall_ms: float
    page_id: str
    file: str
    width: int
    height: int
    place: Place


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One frame's DOM. `html` nodes may refer to earlier snapshots of the same frame."""

    wall_ms: float
    call_id: str
    phase: str
    page_id: str
    frame_id: str
    url: str
    is_main: bool
    doctype: str
    html: Any
    viewport: dict[str, int]
    overrides: tuple[dict[str, Any], ...]
    place: Place
    original_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One HAR entry. `end_ms` is when the response had arrived."""

    start_ms: float
    end_ms: float
    response_ms: float
    frame_id: str
    page_id: str
    request: dict[str, Any]
    response: dict[str, Any]
    resource_type: str
    place: Place


@dataclass(frozen=True, slots=True)
class Message:
    """A console message."""

    wall_ms: float
    page_id: str
    kind: str
    text: str
    location: dict[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class PageEvent:
    """page, pageClosed, navigated, dialog, download or pageError."""

    wall_ms: float
    method: str
    page_id: str
    params: dict[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Output:
    """Text the test printed."""

    wall_ms: float
    stream: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Picture:
    """A file taken for one phase of one call: accessibility text or a screenshot."""

    kind: str
    call_id: str
    phase: str
    file: str


@dataclass(slots=True)
class Package:
    """A whole trace zip, its contexts merged."""

    version: int
    playwright_version: str = ""
    browser: str = ""
    title: str = ""
    started_ms: float = 0.0
    contexts: int = 0
    noise: int = 0
    calls: list[Call] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    page_events: list[PageEvent] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    errors: list[CallError] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    members: frozenset[str] = frozenset()

    @property
    def failed(self) -> bool:
        """Whether a call failed or the test reported an error."""
        return bool(self.errors) or any(call.error for call in self.calls)
