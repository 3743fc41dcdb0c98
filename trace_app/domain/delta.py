"""What changed between two moments of one trace: network, console, clones, storage, page text.

Pure. Comparing two traces is the diff engine's business; this looks at one run only.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from trace_app.domain.diff.clones import state_of
from trace_app.domain.diff.values import Change, changes, show
from trace_app.domain.event_text import short_url
from trace_app.domain.events import Event
from trace_app.domain.network_rows import NetworkRow, rows

STATES: Final = ("clone.state", "storage.state")
PAGES: Final = ("dom.snapshot",)
NETWORK: Final = ("network.request", "network.response", "network.failed")
CONSOLE: Final = ("console.message", "page.error", "app.log")
SHOWN: Final = 100
_MOST_LINES: Final = 2000

type Line = tuple[str, str]
# The lines of a page's snapshot; None where they are not known.
type TextOf = Callable[[Event], list[str] | None]
type Place = tuple[float, int]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A moment. Order is that of display: by time, then by number.

    `closes` is the step of which the event is the failure or the end: what was kept when that step
    closed, always a little later, belongs to the moment, as its snapshot does on the stage.
    """

    ts: float
    seq: int
    closes: int | None = None

    @property
    def place(self) -> Place:
        """Where it stands among events."""
        return self.ts, self.seq


@dataclass(frozen=True, slots=True)
class Changed:
    """A state at both cursors. `rows` hold the change with both values as text."""

    name: str
    seq_a: int
    seq_b: int
    rows: tuple[tuple[Change, str | None, str | None], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Delta:
    """What lies between A and B. `page` holds ("added" or "removed", line of text)."""

    a: Cursor
    b: Cursor
    network: tuple[NetworkRow, ...]
    console: tuple[Event, ...]
    clones: tuple[Changed, ...]
    storage: Changed | None
    page: tuple[Line, ...]
    page_known: bool

    @property
    def empty(self) -> bool:
        """Whether nothing that was recorded differs."""
        changed = any(clone.rows for clone in self.clones) or bool(
            self.storage and self.storage.rows
        )
        return not (self.network or self.console or changed or self.page)


def delta(
    events: Iterable[Event], one: Cursor, other: Cursor, text_of: TextOf = lambda _event: None
) -> Delta:
    """What changed from the earlier cursor (not included) to the later one (included).

    `events` must hold the network and console of that stretch, and states and snapshots up to
    the later cursor; what else it holds is passed over. `text_of` reads a snapshot of the page.
    """
    a, b = in_order(one, other)
    held = sorted(events, key=_place)
    network = [event for event in held if event.kind in NETWORK]
    told = [one for one in held if one.kind in CONSOLE and a.place < _place(one) <= b.place]
    page, known = _page(held, a, b, text_of)
    return Delta(
        a=a,
        b=b,
        network=tuple(row for row in rows(network) if _between(row, a, b)),
        console=tuple(told),
        clones=tuple(_clones(held, a, b)),
        storage=_storage(held, a, b),
        page=page,
        page_known=known,
    )


def in_order(one: Cursor, other: Cursor) -> tuple[Cursor, Cursor]:
    """The earlier and the later of two."""
    return (one, other) if one.place <= other.place else (other, one)


def _place(event: Event) -> Place:
    return event.ts, event.seq


def _between(row: NetworkRow, a: Cursor, b: Cursor) -> bool:
    """An exchange belongs here when it was asked or answered here."""
    asked = a.seq < row.seq <= b.seq
    return asked or (row.end_seq is not None and a.seq < row.end_seq <= b.seq)


def _last(held: list[Event], at: Cursor, wanted: Callable[[Event], bool]) -> Event | None:
    return next((one for one in reversed(held) if _by(one, at) and wanted(one)), None)


def _by(event: Event, at: Cursor) -> bool:
    """Whether a state or a page was there at the cursor."""
    return _place(event) <= at.place or (at.closes is not None and event.step == at.closes)


def _clones(held: list[Event], a: Cursor, b: Cursor) -> Iterator[Changed]:
    names = {str(one.data.get("clone")) for one in held if one.kind == "clone.state"}
    for name in sorted(names):

        def ours(event: Event, name: str = name) -> bool:
            return event.kind == "clone.state" and str(event.data.get("clone")) == name

        before, after = _last(held, a, ours), _last(held, b, ours)
        if before and after:
            yield _changed(name, before, after, state_of)


def _storage(held: list[Event], a: Cursor, b: Cursor) -> Changed | None:
    before, after = _last(held, a, _is_storage), _last(held, b, _is_storage)
    return _changed("storage", before, after, _stored) if before and after else None


def _is_storage(event: Event) -> bool:
    return event.kind == "storage.state"


def _stored(event: Event | None) -> Any:
    data = event.data if event else {}
    cookies = [cookie for cookie in data.get("cookies") or [] if isinstance(cookie, dict)]
    return {
        "cookies": {_cookie(cookie): cookie.get("value") for cookie in cookies},
        "local": data.get("local") or {},
        "session": data.get("session") or {},
        "url": data.get("url"),
    }


def _cookie(cookie: dict[str, Any]) -> str:
    return f"{cookie.get('name')} ({cookie.get('domain') or ''}{cookie.get('path') or ''})"


def _changed(
    name: str, before: Event, after: Event, read: Callable[[Event | None], Any]
) -> Changed:
    found = list(changes(read(before), read(after)))
    shown = [(one, show(one.before), show(one.after)) for one in found[:SHOWN]]
    return Changed(name, before.seq, after.seq, tuple(shown), len(found) - len(shown))


def _page(
    held: list[Event], a: Cursor, b: Cursor, text_of: TextOf
) -> tuple[tuple[Line, ...], bool]:
    """Lines of the page that came and went.

    Of the snapshots shown at the cursors, else of the accessible text kept at the ends of steps;
    where neither is known, address and title.
    """
    for wanted, read in ((_is_page, text_of), (_has_text, _text), (_is_page, _address)):
        before, after = _last(held, a, wanted), _last(held, b, wanted)
        old, new = (read(one) if one else None for one in (before, after))
        if old is not None and new is not None:
            return tuple(_lines(old[:_MOST_LINES], new[:_MOST_LINES]))[:SHOWN], True
    return (), False


def _has_text(event: Event) -> bool:
    return isinstance(event.data.get("aria"), str)


def _text(event: Event) -> list[str]:
    return [line.strip() for line in str(event.data["aria"]).splitlines()]


def _is_page(event: Event) -> bool:
    return event.kind in PAGES and bool(event.data.get("main", True))


def _address(event: Event) -> list[str]:
    return [f"page {short_url(event.data.get('url'))}", f"title {event.data.get('title') or ''}"]


def _lines(before: list[str], after: list[str]) -> Iterator[Line]:
    for _tag, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[a1:a2] != after[b1:b2]:
            yield from (("removed", line) for line in before[a1:a2])
            yield from (("added", line) for line in after[b1:b2])
