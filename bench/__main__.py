"""`python -m bench [SECTION…]`: measure; print the table, write var/bench/record.json.

`python -m bench --write-docs` writes the table of docs/explanation/speed.md from that file.
A section that fails, or a peer that cannot be installed, is shown as not measured; the others go
on. What was measured in an earlier run and is not measured now stays in the file.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from bench import bugsink, copying, docs, ingest, listing, phoenix, recording, windows
from bench.figures import Figure, line
from bench.machine import describe
from bench.place import HERE, Place, database, product
from trace_app.project.postgres import Server

REPORT = HERE / "record.json"
# On a running product, in this order.
OWN: dict[str, Callable[[Place], Iterator[Figure]]] = {
    "ingest": ingest.measure,
    "copy": copying.measure,
    "window": windows.measure,
    "zip": recording.measure,
}
# First the product, then, when it has stopped, the peer on the same server.
PEERS = {"phoenix": phoenix, "bugsink": bugsink}
SECTIONS = (*OWN, *PEERS, "list")


def main() -> int:
    """A missed target is shown, not an error; the exit status says that the bench itself ran."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sections", nargs="*", help=f"any of {', '.join(SECTIONS)}")
    parser.add_argument("--write-docs", action="store_true", help="write the table into the docs")
    arguments = parser.parse_args()
    if arguments.write_docs:
        docs.write(REPORT)
        return 0
    wanted = [word for text in arguments.sections for word in text.replace(",", " ").split()]
    if unknown := set(wanted) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    _Report(tuple(wanted) or SECTIONS).measure()
    return 0


class _Report:
    """Runs the sections and writes the file after each, so that a broken run leaves what it had."""

    def __init__(self, sections: tuple[str, ...]) -> None:
        self.sections = sections
        self.began = time.monotonic()
        self.kept = json.loads(REPORT.read_text()) if REPORT.exists() else []
        self.figures: list[dict[str, object]] = []

    def measure(self) -> None:
        with database() as server:
            self._say(describe(server))
            own = self._on_product(server)
            for name, peer in PEERS.items():
                if name in own:
                    self._take(name, _against(peer, server, own[name]))
            if "list" in self.sections:
                self._take("list", listing.measure(server))
        self._say(f"{time.monotonic() - self.began:.0f} s")

    def _on_product(self, server: Server) -> dict[str, object]:
        """The sections that need the product running; the peers' halves that are its own."""
        if not {*OWN, *PEERS} & {*self.sections}:
            return {}
        halves: dict[str, object] = {}
        with ExitStack() as stack:
            place = stack.enter_context(product(server))
            for name, section in OWN.items():
                if name in self.sections:
                    self._take(name, section(place))
            for name, peer in PEERS.items():
                if name in self.sections:
                    try:
                        halves[name] = peer.ours(place)
                    except Exception as error:  # noqa: BLE001  # one section must not end the others
                        self._take(name, peer.unmeasured(_said(error)))
        return halves

    def _take(self, section: str, figures: Iterator[Figure]) -> None:
        try:
            for figure in figures:
                self._add(section, figure)
        except Exception as error:  # noqa: BLE001  # one section must not end the others
            self._add(section, Figure(f"the rest of {section}", "", (), None, "more", _said(error)))

    def _add(self, section: str, figure: Figure) -> None:
        told = {"section": section, **figure.to_json()}
        self.figures.append(told)
        self._say(line(told))
        measured = {entry["section"] for entry in self.figures}
        kept = [entry for entry in self.kept if entry["section"] not in measured]
        every = sorted([*kept, *self.figures], key=lambda entry: SECTIONS.index(entry["section"]))
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(json.dumps(every, indent=2, ensure_ascii=False) + "\n")

    def _say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _against(peer: object, server: Server, own: object) -> Iterator[Figure]:
    try:
        yield from peer.figures(server, own)  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001  # a peer that fails is not measured, never "met"
        yield from peer.unmeasured(_said(error))  # type: ignore[attr-defined]


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


if __name__ == "__main__":
    raise SystemExit(main())
