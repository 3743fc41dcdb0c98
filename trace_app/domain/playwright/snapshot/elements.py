"""The elements of a recorded page as a list, each with a key that finds it in other snapshots."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from trace_app.domain.playwright.model import Snapshot
from trace_app.domain.playwright.snapshot import attributes as rules
from trace_app.domain.playwright.snapshot.nodes import (
    MAX_NODES,
    FrameHistory,
    attributes_of,
    children_of,
    tag_of,
)

MAX_TEXT: Final = 300
_SILENT: Final = frozenset({"script", "style", "noscript", "link", "meta", "head", "title", "base"})


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One element. `text` is its own text and that of inline children, at most 300 characters.

    `key` is `#id` where the id is the page's first, else the way from such an ancestor or from
    the root: `#cart>ul:1>li:3`. Another snapshot's element with the same key is the same one to
    a person, unless something was put in before it.
    """

    key: str
    tag: str
    depth: int
    attributes: dict[str, str]
    text: str
    node: Any


@dataclass(frozen=True, slots=True)
class _Place:
    node: Any
    index: int
    parent: str
    number: int
    depth: int


def elements(history: FrameHistory, shot: Snapshot) -> Iterator[Element]:
    """The elements of one frame in document order, without what a page never shows."""
    seen: set[str] = set()
    root = history.resolve(shot.html, list(history.snapshots).index(shot))
    pending = [_Place(root[0], root[1], "", 1, 0)] if root else []
    for _ in range(MAX_NODES):
        if not pending:
            return
        place = pending.pop()
        tag = tag_of(place.node).lower()
        recorded = attributes_of(place.node)
        key = _key(tag, recorded, place, seen)
        found = list(_children(history, place))
        if tag not in _SILENT:
            yield Element(
                key=key,
                tag=tag,
                depth=place.depth,
                attributes=rules.with_state(
                    rules.plain(recorded) | _addresses(recorded), rules.form_state(tag, recorded)
                ),
                text=_text(history, found),
                node=place.node,
            )
            pending.extend(reversed(_places(found, key, place.depth)))


def _key(tag: str, recorded: dict[str, str], place: _Place, seen: set[str]) -> str:
    named = recorded.get("id", "")
    if named and named not in seen:
        seen.add(named)
        return f"#{named}"
    own = f"{tag}:{place.number}"
    return f"{place.parent}>{own}" if place.parent else own


def _children(history: FrameHistory, place: _Place) -> Iterator[tuple[Any, int]]:
    for child in children_of(place.node):
        resolved = history.resolve(child, place.index)
        if resolved is not None:
            yield resolved


def _places(found: list[tuple[Any, int]], key: str, depth: int) -> list[_Place]:
    counts: Counter[str] = Counter()
    places = []
    for node, index in found:
        tag = tag_of(node).lower()
        if tag:
            counts[tag] += 1
            places.append(_Place(node, index, key, counts[tag], depth + 1))
    return places


def _text(history: FrameHistory, found: list[tuple[Any, int]]) -> str:
    """The element's own text with that of children that hold only text."""
    said: list[str] = []
    for node, index in found:
        if isinstance(node, str):
            said.append(node)
        elif tag_of(node).lower() not in _SILENT:
            inner = [history.resolve(child, index) for child in children_of(node)]
            texts = [one[0] for one in inner if one and isinstance(one[0], str)]
            said += texts if len(texts) == len(inner) else []
    return " ".join(" ".join(said).split())[:MAX_TEXT]


def _addresses(recorded: dict[str, str]) -> dict[str, str]:
    """Where a link leads, to read; the snapshot itself leads nowhere."""
    return {name: recorded[name][:MAX_TEXT] for name in ("href", "src") if name in recorded}
