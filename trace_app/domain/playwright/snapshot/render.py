"""A DOM snapshot as one HTML document that needs no script and no network.

The response that carries it must send SNAPSHOT_POLICY: this package keeps pages faithful, the
policy keeps readers safe.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trace_app.domain.playwright.model import Package, Snapshot
from trace_app.domain.playwright.snapshot.document import DocumentWriter, RenderError, Scene
from trace_app.domain.playwright.snapshot.elements import Element, elements
from trace_app.domain.playwright.snapshot.nodes import FrameHistory
from trace_app.domain.playwright.snapshot.resources import ReadMember, Resources, by_url
from trace_app.domain.playwright.values import as_number

SNAPSHOT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The document, and the size of the window it was recorded in (CSS pixels)."""

    html: str
    width: int
    height: int
    url: str


class Renderer:
    """Renders snapshots of one package; `read` gives a member's bytes or None."""

    def __init__(self, package: Package, read: ReadMember) -> None:
        by_frame: dict[str, list[Snapshot]] = {}
        for shot in package.snapshots:
            by_frame.setdefault(shot.frame_id, []).append(shot)
        self._histories = {name: FrameHistory(shots) for name, shots in by_frame.items()}
        self._by_call: dict[tuple[str, str], list[Snapshot]] = {}
        for shot in package.snapshots:
            self._by_call.setdefault((shot.call_id, shot.phase), []).append(shot)
        self._responses = by_url(package)
        self._package = package
        self._read = read

    def main(self, call_id: str, phase: str) -> Snapshot | None:
        """The page's own snapshot of a call; None when it was not recorded."""
        named = self._by_call.get((call_id, phase), [])
        return next((shot for shot in named if shot.is_main), None)

    def elements(self, shot: Snapshot) -> Iterator[Element]:
        """The elements of a snapshot's frame, in document order."""
        return elements(self._histories[shot.frame_id], shot)

    def around(self, shot: Snapshot, most: int) -> list[Snapshot]:
        """At most so many snapshots of the same frame, those nearest to this one, in order."""
        shots = list(self._histories[shot.frame_id].snapshots)
        first = max(min(shots.index(shot) - most // 2, len(shots) - most), 0)
        return shots[first : first + most]

    def render(self, call_id: str, phase: str, picked: str = "") -> Rendered | None:
        """The main frame with its child frames inside; None when it was not recorded.

        The element of the key `picked` is marked. Raises RenderError for a document above
        48 MiB or 400,000 nodes.
        """
        found = self._by_call.get((call_id, phase), [])
        main = self.main(call_id, phase)
        if main is None:
            return None
        resources = Resources(self._responses, self._read)
        scene = Scene(self._package, self._read, self._histories, found, resources)
        if picked:
            chosen = (one.node for one in self.elements(main) if one.key == picked)
            scene.picked = next(chosen, None)
        return Rendered(
            html=DocumentWriter(scene, main, depth=0).write(),
            width=int(as_number(main.viewport.get("width"))) or 1280,
            height=int(as_number(main.viewport.get("height"))) or 720,
            url=main.url,
        )


__all__ = ["SNAPSHOT_POLICY", "Element", "RenderError", "Rendered", "Renderer"]
