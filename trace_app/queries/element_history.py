"""An element of the recorded page over its snapshots: how and when it changed. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trace_app.domain.playwright.snapshot import Element, Renderer
from trace_app.models import Trace
from trace_app.queries.events import events

# Reading one costs as much as the page has elements.
SNAPSHOTS_READ: Final = 120
LISTED: Final = 150
MOST_PIECES: Final = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """One snapshot at which the element differs from the one before; `said` tells how.

    `seq` and `ts` (milliseconds) are of the snapshot's event.
    """

    seq: int
    ts: float
    phase: str
    said: tuple[str, ...]


def listed(renderer: Renderer, call: str, phase: str, sought: str) -> tuple[list[Element], int]:
    """The elements whose tag, text or attributes have every word, at most 150; and how many."""
    shot = renderer.main(call, phase)
    words = sought.lower().split()
    found = [
        one
        for one in (renderer.elements(shot) if shot else ())
        if all(word in _searched(one) for word in words)
    ]
    return found[:LISTED], len(found)


def element_at(renderer: Renderer, call: str, phase: str, key: str) -> Element | None:
    """The element of this key in the snapshot."""
    shot = renderer.main(call, phase)
    return next((one for one in renderer.elements(shot) if one.key == key), None) if shot else None


def history(trace: Trace, renderer: Renderer, call: str, phase: str, key: str) -> list[Piece]:
    """What became of the element in the snapshots around this one, oldest first."""
    here = renderer.main(call, phase)
    if here is None:
        return []
    named = {
        (str(event.data.get("call_id")), str(event.data.get("phase"))): event
        for event in events(trace, kinds=("dom.snapshot",))
        if event.data.get("main", True)
    }
    pieces: list[Piece] = []
    before: Element | None = None
    for no, shot in enumerate(renderer.around(here, SNAPSHOTS_READ)):
        now = next((one for one in renderer.elements(shot) if one.key == key), None)
        said = tuple(_changes(before, now, first=no == 0))
        event = named.get((shot.call_id, shot.phase))
        if said and event:
            pieces.append(Piece(event.seq, event.ts, shot.phase, said[:MOST_PIECES]))
        before = now
    return pieces


def _changes(before: Element | None, now: Element | None, *, first: bool) -> Iterator[str]:
    if now is None:
        if before is not None:
            yield "is gone"
        return
    if before is None:
        yield "is there" if first else "appears"
        if now.text:
            yield f"text “{now.text}”"
        return
    if before.text != now.text:
        yield f"text “{before.text}” → “{now.text}”"
    for name in sorted(before.attributes.keys() | now.attributes.keys()):
        old, new = before.attributes.get(name), now.attributes.get(name)
        if old != new:
            yield f"{name} {_quoted(old)} → {_quoted(new)}"


def _quoted(value: str | None) -> str:
    return "none" if value is None else f"“{value}”"


def _searched(one: Element) -> str:
    held = " ".join(f"{name}={value}" for name, value in one.attributes.items())
    return f"{one.tag} {one.key} {held} {one.text}".lower()
