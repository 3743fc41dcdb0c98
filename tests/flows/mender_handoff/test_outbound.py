"""Outbound calls over real sockets: the address that was checked is the one that is called."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from mender_handoff.clients import replies
from mender_handoff.clients.addresses import ForbiddenAddressError, check_address
from mender_handoff.clients.guard import GuardClient, GuardRefusedError, GuardUnreachableError
from mender_handoff.guard.clients.trace import TraceClient, TraceUnreachableError

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


class Endless(BaseHTTPRequestHandler):
    """Answers everything with more than anybody should read."""

    hosts: list[str]
    sent = 0

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        self.send_response(200)
        self.end_headers()
        piece = b"x" * 65536
        try:
            for _ in range(4096):
                self.wfile.write(piece)
                type(self).sent += len(piece)
        except OSError:
            return

    do_POST = do_GET  # noqa: N815 - the name http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endless() -> Iterator[HTTPServer]:
    Endless.hosts, Endless.sent = [], 0
    server = HTTPServer(("127.0.0.1", 0), Endless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_endless_answer_is_left_off(endless: HTTPServer) -> None:
    url = f"http://127.0.0.1:{endless.server_port}"
    with (
        GuardClient(url, "t", allowed_hosts=["127.0.0.1"]) as guard,
        pytest.raises(GuardUnreachableError, match="longer than"),
    ):
        guard.attempt("j1")
    trace = TraceClient(url, "shop", "k", SECRET)
    with pytest.raises(TraceUnreachableError, match="longer than"):
        trace.send_webhook("m1", b"{}")
    assert Endless.sent < 4 * replies.MAX_REPLY
    assert Endless.hosts == [f"127.0.0.1:{endless.server_port}"] * 2


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Name servers that answer differently each time; gives the names asked for."""
    asked: list[str] = []

    def answer(host: str, *_: object, **__: object) -> list[object]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_name_is_asked_for_once_and_its_answer_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The second answer would be the machine itself.
    asked = names(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    called: list[tuple[str, str]] = []

    def connect(request: object, **_: object) -> None:
        called.append((request.url.host, request.headers["Host"]))  # type: ignore[attr-defined]
        raise httpx.ConnectError("nobody")

    with GuardClient("https://guard.example", "t", allowed_hosts=[]) as guard:
        monkeypatch.setattr(guard._http, "send", connect)
        with pytest.raises(GuardUnreachableError):
            guard.attempt("j1")
    assert asked == ["guard.example"]
    assert called == [("93.184.215.14", "guard.example")]


def test_a_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(ForbiddenAddressError, match="private network"):
        check_address("https://guard.example", allowed_hosts=[])
    with (
        GuardClient("https://guard.example", "t", allowed_hosts=[]) as guard,
        pytest.raises(GuardRefusedError, match="forbidden_address"),
    ):
        guard.attempt("j1")
