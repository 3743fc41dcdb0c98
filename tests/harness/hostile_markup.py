"""Recorded pages that try to run or to reach out: one snapshot per trick, and a server that listens."""

import http.server
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TRICKS = Path(__file__).parents[1] / "fixtures/hostile/tricks.json"


@contextmanager
def beacon() -> Iterator[tuple[str, list[str]]]:
    """A server that no recorded page may reach: its address, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def __getattr__(self, name: str) -> object:
            """Every method is heard: the class asks for `do_GET`, `do_POST` and so on."""
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def tricks(out: str) -> dict[str, dict[str, Any]]:
    """Doctype and children of the body of each recorded page, by the kind of trick.

    `out` is the beacon's address; in the file it is written `{out}`.
    """
    found: dict[str, dict[str, Any]] = json.loads(TRICKS.read_text().replace("{out}", out))
    return found


def write_hostile_zip(path: Path, out: str) -> list[str]:
    """Writes a recording with one snapshot per trick; returns their names in order."""
    kinds = tricks(out)
    begin = {
        "version": 10,
        "wallTime": 1_795_000_000_000,
        "monotonicTime": 0,
        "origin": "library",
    } | {"title": "Guest book with foreign markup"}
    lines: list[dict[str, Any]] = [{"type": "context-options", **begin}]
    for number, kind in enumerate(kinds.values(), start=1):
        call = {"callId": f"call@{number}", "class": "Frame", "method": "goto", "params": {}}
        lines += [
            {"type": "before", "startTime": 10 * number, **call},
            _snapshot(number, kind["doctype"], kind["body"]),
            {"type": "after", "callId": f"call@{number}", "endTime": 10 * number + 8},
        ]
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("trace.trace", "".join(json.dumps(line) + "\n" for line in lines))
        made.writestr("trace.network", "")
    return list(kinds)


def _snapshot(number: int, doctype: str, children: list[Any]) -> dict[str, Any]:
    body = ["BODY", {}, ["P", {}, f"honest {number}"], *children]
    html = ["HTML", {}, ["HEAD", {}, ["TITLE", {}, "t"]], body]
    who = {"callId": f"call@{number}", "phase": "after", "pageId": "page@1", "frameId": "frame@1"}
    rest = {"frameUrl": "http://app/", "doctype": doctype, "html": html, "isMainFrame": True}
    view = {"viewport": {"width": 800, "height": 600}, "resourceOverrides": []}
    return {
        "type": "frame-snapshot",
        "snapshot": {**who, **rest, **view, "timestamp": 10 * number + 5},
    }
