"""The event contract: one NDJSON line per event, its kinds, its limits and their errors.

Pure parsing and encoding; numbering is in sequence.py, storage in chunks.py.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal, get_args

import msgspec

SCHEMA_VERSION: Final = 1
MAX_SEQ: Final = 2**53 - 1
MAX_LINE_BYTES: Final = 1024 * 1024
MAX_EVENTS_PER_REQUEST: Final = 100_000
MAX_EVENTS_PER_TRACE: Final = 1_000_000
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_KEYS: Final = 2000
MAX_STEP: Final = 50_000

Kind = Literal[
    "run.start",
    "run.end",
    "step.start",
    "step.end",
    "assertion",
    "agent.thought",
    "agent.action",
    "clone.state",
    "clone.request",
    "clone.webhook",
    "clone.unmodelled",
    "storage.state",
    "egress.blocked",
    "video.frame",
    "dom.snapshot",
    "dom.navigation",
    "dom.dialog",
    "network.request",
    "network.response",
    "network.failed",
    "console.message",
    "page.error",
    "app.log",
]
Ribbon = Literal["video", "dom", "network", "console", "agent"]
Level = Literal["debug", "info", "warning", "error"]

KINDS: Final[tuple[str, ...]] = get_args(Kind)
RIBBONS: Final[tuple[Ribbon, ...]] = get_args(Ribbon)
LEVELS: Final[tuple[str, ...]] = get_args(Level)

_BY_PREFIX: Final[dict[str, Ribbon]] = {
    "video": "video",
    "dom": "dom",
    "network": "network",
}
_CONSOLE: Final = frozenset({"console.message", "page.error", "app.log"})
KIND_RIBBON: Final[dict[str, Ribbon]] = {
    kind: "console" if kind in _CONSOLE else _BY_PREFIX.get(kind.split(".")[0], "agent")
    for kind in KINDS
}


class _Fields(
    msgspec.Struct,
    kw_only=True,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    seq: Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQ)]
    ts: Annotated[float, msgspec.Meta(ge=0, le=MAX_SEQ)]
    kind: Kind
    step: Annotated[int, msgspec.Meta(ge=0, le=MAX_STEP)] | None = None
    ref: Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQ)] | None = None
    dur: Annotated[float, msgspec.Meta(ge=0, le=MAX_SEQ)] | None = None
    level: Level | None = None


class Event(_Fields, kw_only=True, frozen=True):
    """One line of the record. `ts` and `dur` are milliseconds, `ts` counts from run.start."""

    data: dict[str, Any]

    @property
    def ribbon(self) -> Ribbon:
        """The lane this kind belongs to."""
        return KIND_RIBBON[self.kind]

    def to_json(self) -> dict[str, Any]:
        """The wire object, absent fields left out."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


class Undecoded(_Fields, kw_only=True, frozen=True, gc=False):
    """An event whose data passes on as it came: JSON, but whether it keeps the limits is open."""

    data: msgspec.Raw


class Head(msgspec.Struct, frozen=True, gc=False):
    """What a window is cut by; the rest of a stored line is passed over."""

    seq: int
    ts: float
    kind: str
    step: int | None = None


class EventError(ValueError):
    """A refused line: `line` counts from 1, `code` is for machines, the message says what to do."""

    def __init__(self, line: int, code: str, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.code = code
        self.message = message


_decoder: Final = msgspec.json.Decoder(Event)
_undecoded: Final = msgspec.json.Decoder(Undecoded)
_heads: Final = msgspec.json.Decoder(Head)
_encoder: Final = msgspec.json.Encoder()


def parse_ndjson(
    body: bytes, *, after_seq: int = 0, max_events: int = MAX_EVENTS_PER_REQUEST
) -> list[Event]:
    """Every event of the body, all or nothing.

    Raises EventError for the first line that breaks a rule; `after_seq` is the last number the
    trace already holds, so the first event here must be above it.
    """
    events: list[Event] = []
    for number, event in read_events(body, after_seq=after_seq):
        if len(events) >= max_events:
            raise too_many_events(number, max_events)
        events.append(event)
    if not events:
        raise empty_body()
    return events


def read_events(
    body: bytes, *, after_seq: int = 0, first_line: int = 1
) -> Iterator[tuple[int, Event]]:
    """Each event with the number of its line. Raises EventError at the line that breaks a rule."""
    last = after_seq
    for number, line in _lines(body, first_line):
        event = _parse_line(number, line)
        if event.seq <= last:
            raise EventError(number, "seq_not_increasing", f"seq {event.seq} must be above {last}")
        last = event.seq
        yield number, event


def read_event(line: bytes) -> Event:
    """The one event of a line by itself. Raises EventError for a rule that it breaks."""
    return _parse_line(1, line)


def too_many_events(line: int, most: int) -> EventError:
    """The refusal of the first event above the limit."""
    return EventError(line, "too_many_events", f"at most {most} events; send less")


def empty_body() -> EventError:
    """The refusal of a body without events."""
    return EventError(1, "empty", "the body holds no event; send one JSON object per line")


def encode_ndjson(events: Iterable[Event]) -> bytes:
    """One line per event, each ended by a newline; parse_ndjson reads it back unchanged."""
    return b"".join(encode_line(event) for event in events)


def encode_line(event: Event) -> bytes:
    """One line with its newline."""
    return _encoder.encode(event) + b"\n"


def decode_stored(body: bytes) -> list[Event]:
    """Events this program wrote itself: the shape is checked, the limits are not again."""
    return _decoder.decode_lines(body)


def decode_undecoded(body: bytes) -> list[Undecoded]:
    """Events, one after the other, that may still break the rules of text and of data.

    Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError without saying where.
    """
    return _undecoded.decode_lines(body)


def decode_heads(body: bytes) -> list[Head]:
    """The heads of events this program wrote itself, one per line."""
    return _heads.decode_lines(body)


def _lines(body: bytes, first_line: int) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(body.split(b"\n"), start=first_line):
        if len(line) > MAX_LINE_BYTES:
            raise EventError(
                number,
                "line_too_long",
                "a line may hold 1 MiB; put large values into blobs",
            )
        if line and not line.isspace():
            yield number, line


def _parse_line(number: int, line: bytes) -> Event:
    try:
        event = _decoder.decode(line)
    except msgspec.ValidationError as error:
        raise EventError(number, *_explain(str(error), line)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EventError(number, "not_json", f"not one JSON object: {error}") from error
    except RecursionError as error:
        raise EventError(number, "too_deep", f"nested deeper than {MAX_DEPTH}") from error
    if event.ref is not None and event.ref >= event.seq:
        raise EventError(number, "bad_ref", "ref must name an earlier event")
    _check_data(number, line, event.data)
    return event


def _explain(message: str, line: bytes) -> tuple[str, str]:
    if message.endswith("`$.kind`"):
        return "unknown_kind", f"{message}; known kinds: {', '.join(KINDS)}"
    if line.lstrip()[:1] == b"[":
        return "not_an_object", "one JSON object per line, not an array"
    return "bad_field", message


def _check_data(number: int, line: bytes, data: dict[str, Any]) -> None:
    # Counting bytes first keeps the walk away from all but the rare large line.
    if line.count(b"{") + line.count(b"[") > MAX_DEPTH and depth(data) > MAX_DEPTH:
        raise EventError(number, "too_deep", f"data is nested deeper than {MAX_DEPTH}")
    if line.count(b":") > MAX_KEYS and count_keys(data) > MAX_KEYS:
        raise EventError(number, "too_many_keys", f"data has more than {MAX_KEYS} keys")
    if b"\\u0000" in line and _has_nul(data):
        raise EventError(number, "nul_character", "text may not hold the NUL character")


def depth(value: object) -> int:
    """Nesting of objects and arrays: a flat object is 1."""
    deepest, pending = 0, [(value, 1)]
    while pending:
        item, level = pending.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, level)
            children = item.values() if isinstance(item, dict) else item
            pending.extend((child, level + 1) for child in children)
    return deepest


def count_keys(value: object) -> int:
    """All object keys, at every level."""
    return sum(len(item) for item in _walk(value) if isinstance(item, dict))


def without_nul(value: Any) -> Any:
    """The same JSON, U+FFFD in place of every NUL: recorded text may hold what events may not."""
    if not _has_nul(value):
        return value
    if isinstance(value, str):
        return value.replace("\x00", "�")
    if isinstance(value, dict):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    return [without_nul(item) for item in value] if isinstance(value, list) else value


def _has_nul(value: object) -> bool:
    for item in _walk(value):
        if isinstance(item, str) and "\x00" in item:
            return True
        if isinstance(item, dict) and any("\x00" in key for key in item):
            return True
    return False


def _walk(value: object) -> Iterator[object]:
    pending = [value]
    while pending:
        item = pending.pop()
        yield item
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
