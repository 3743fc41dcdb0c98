"""Puts a clone on a port: the vendor's API, and the admin API under ``/_clone/``."""

import contextlib
import json
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, override
from urllib.parse import urlsplit

from .admin import answer_admin
from .base import Clone, Unmodelled
from .wire import BadBody, Request, Response

MAX_BODY = 8 * 1024 * 1024
# Journal lines are for reading; a body beyond this is cut there, never in the answer.
MAX_SHOWN = 16 * 1024


class CloneServer(ThreadingHTTPServer):
    """A threaded server for one clone; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, clone: Clone, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind, tell the clone its address, and start its background work."""
        super().__init__((host, port), _Handler)
        self.clone = clone
        self.url = f"http://{host}:{self.server_address[1]}"
        clone.base_url = str(clone.config.get("public_url") or self.url)
        clone.start()

    @override
    def server_bind(self) -> None:
        # HTTPServer looks up the host's full name here, which can wait on a name server.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "clone", self.server_address[1]

    @override
    def server_close(self) -> None:
        self.clone.stop()
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    server: CloneServer

    def _serve(self) -> None:
        started = time.time()
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self._send(Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "body too large"}))
            return
        body = self.rfile.read(length)
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, url.path, url.query, headers, body)
        clone = self.server.clone
        if request.path.startswith("/_clone/"):
            self._send(answer_admin(clone, request))
            return
        response = answer_vendor(clone, request, started=started)
        self._send(response)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class looks for do_GET, do_POST and so on: one method answers them all.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _send(self, response: Response) -> None:
        payload = response.payload()
        self.send_response_only(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(payload)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        # A client that went away is no failure of the clone.
        with contextlib.suppress(ConnectionError):
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(payload)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the journal is the log."""


def answer_vendor(clone: Clone, request: Request, *, started: float) -> Response:
    """Answer a vendor call and write it to the journal."""
    response = clone.faults.answer(request)
    if response is None:
        response = _handled(clone, request)
    shown = {"clone": clone.kind, "method": request.method, "path": request.path}
    if response.status == HTTPStatus.NOT_IMPLEMENTED:
        clone.journal.add("clone.unmodelled", started=started, data=shown)
    details = {
        **shown,
        "status": int(response.status),
        "body": _shown_body(request),
        "response": _shown_response(response),
    }
    clone.journal.add("clone.request", started=started, data=details)
    return response


def _handled(clone: Clone, request: Request) -> Response:
    try:
        with clone.lock:
            return clone.handle(request)
    except Unmodelled as missing:
        message = f"The {clone.kind} clone does not model {missing}"
        error = {"type": "unmodelled", "code": "unmodelled", "message": message}
        headers = clone.unmodelled_headers
        return Response(HTTPStatus.NOT_IMPLEMENTED, {"error": error}, headers)
    except BadBody as bad:
        error = {"type": "invalid_request_error", "message": str(bad)}
        return Response(HTTPStatus.BAD_REQUEST, {"error": error})


def _shown_body(request: Request) -> Any:
    try:
        return (request.params() or None) if len(request.body) <= MAX_SHOWN else "(large)"
    except BadBody:
        return request.body[:MAX_SHOWN].decode(errors="replace")


def _shown_response(response: Response) -> Any:
    payload = response.payload()
    if len(payload) > MAX_SHOWN:
        return "(large)"
    if response.content_type.startswith("application/json") and payload:
        return json.loads(payload)
    return payload.decode(errors="replace")
