"""Nodes of a DOM snapshot and the references by which later snapshots repeat earlier ones."""

from collections.abc import Sequence
from typing import Any, Final

from trace_app.domain.playwright.model import Snapshot

MAX_NODES: Final = 400_000


class FrameHistory:
    """All snapshots of one frame, in order; resolves [[k, n]] against them."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self.snapshots = list(snapshots)
        self._positions = {id(shot): at for at, shot in enumerate(self.snapshots)}
        self._post_order: dict[int, list[Any]] = {}

    def position(self, shot: Snapshot) -> int:
        """Where one of these snapshots stands among them."""
        return self._positions[id(shot)]

    def resolve(self, node: Any, index: int) -> tuple[Any, int] | None:
        """The node itself and the snapshot it is written in; None for a broken reference."""
        for _ in range(len(self.snapshots) + 1):
            if not is_reference(node):
                return node, index
            back, number = node[0]
            index -= back
            if not (isinstance(back, int) and 0 <= index < len(self.snapshots)):
                return None
            nodes = self._nodes(index)
            if not (isinstance(number, int) and 0 <= number < len(nodes)):
                return None
            node = nodes[number]
        return None

    def _nodes(self, index: int) -> list[Any]:
        if index not in self._post_order:
            self._post_order[index] = post_order(self.snapshots[index].html)
        return self._post_order[index]


def is_reference(node: Any) -> bool:
    """[[k, n]]: node n of the snapshot k snapshots ago."""
    return (
        isinstance(node, list)
        and len(node) == 1
        and isinstance(node[0], list)
        and len(node[0]) == 2
        and all(isinstance(part, int) for part in node[0])
    )


def tag_of(node: Any) -> str:
    """The tag of an element, "" for anything else."""
    held = isinstance(node, list) and bool(node) and isinstance(node[0], str)
    return node[0] if held else ""


def attributes_of(node: list[Any]) -> dict[str, str]:
    """Attributes with text values; others are dropped."""
    second = node[1] if len(node) > 1 else None
    if not isinstance(second, dict):
        return {}
    return {name: value for name, value in second.items() if isinstance(value, str)}


def children_of(node: list[Any]) -> list[Any]:
    """Child nodes, references not resolved."""
    has_attributes = len(node) > 1 and isinstance(node[1], dict)
    return node[2:] if has_attributes else node[1:]


def post_order(html: Any) -> list[Any]:
    """Texts and elements, children before parents, references not counted."""
    result: list[Any] = []
    pending: list[tuple[Any, bool]] = [(html, False)]
    while pending and len(result) < MAX_NODES:
        node, done = pending.pop()
        if done or isinstance(node, str):
            result.append(node)
        elif tag_of(node):
            pending.append((node, True))
            pending.extend((child, False) for child in reversed(children_of(node)))
    return result
