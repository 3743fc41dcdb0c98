"""Playwright's own viewer, out of its Python package, served as fast as files can be served."""

import gzip
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".webmanifest": "application/manifest+json",
    ".zip": "application/zip",
}


def viewer_folder() -> Path:
    """Where the package keeps the viewer's files."""
    return Path(str(files("playwright"))) / "driver/package/lib/vite/traceViewer"


@contextmanager
def serve_viewer(zips: dict[str, Path]) -> Iterator[int]:
    """Serve the viewer and these zips, by name, on a free port until the block ends."""

    class Handler(_Handler):
        served = zips

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def viewer_path(name: str, port: int) -> str:
    """The address, without its host, at which the viewer opens a zip."""
    return f"/index.html?trace=http://127.0.0.1:{port}/{name}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: dict[str, Path] = {}

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        name = urlsplit(self.path).path.lstrip("/")
        path = self.served.get(name) or viewer_folder() / name
        if ".." in name or not path.is_file():
            self.send_error(404)
            return
        packed = path.suffix in (".js", ".css") and "gzip" in self.headers["Accept-Encoding"]
        content = _packed(path) if packed else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", _TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(content)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: a line per file would bury the figures."""


@cache
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9)
