"""Bodies are counted before Django sees them: by their Content-Length, and as they come."""

import asyncio
import json
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler

from trace_app.domain.archive import MAX_UPLOAD
from trace_app.domain.events import MAX_BODY_BYTES
from trace_app.project.asgi import application
from trace_app.project.body_limits import BodyLimits, limit_of

MIB = 1024**2
PIECE = bytes(MIB)


class Server:
    """Sends a body in pieces; notes how many were taken and what was answered."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces
        self.taken = 0
        self.answers: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        self.left -= 1
        self.taken += 1
        return {"type": "http.request", "body": PIECE, "more_body": self.left > 0}

    async def send(self, message: dict[str, Any]) -> None:
        self.answers.append(message)

    def ask(self, path: str, length: str | None = None, through: Any = application) -> None:
        headers = [] if length is None else [(b"content-length", length.encode())]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "server": ("localhost", 80),
            "headers": [(b"host", b"localhost"), *headers],
        }
        asyncio.run(through(scope, self.receive, self.send))

    def refusal(self) -> tuple[int, str]:
        start, body = self.answers
        assert dict(start["headers"])[b"content-type"] == b"application/json"
        said = json.loads(body["body"])
        assert said["message"]
        return start["status"], said["error"]


def test_the_limits_are_those_of_the_views() -> None:
    assert limit_of("/v1/traces/ingest").size == MAX_UPLOAD
    assert limit_of("/v1/traces/xY9zQ2mNp/events").size == MAX_BODY_BYTES
    assert limit_of("/ingest").size == MAX_UPLOAD + MIB
    others = ("/v1/traces/xY9zQ2mNp/promote-fix", "/v1/traces", "/login", "/x/ingest", "/")
    assert {limit_of(path).size for path in others} == {8 * MIB}


@pytest.mark.parametrize(
    ("path", "size", "code"),
    [
        ("/v1/traces/ingest", 1024 * MIB, "upload_too_large"),
        ("/v1/traces/x/events", 64 * MIB, "body_too_large"),
        ("/v1/webhooks/guard", 8 * MIB, "too_large"),
        ("/nowhere", 8 * MIB, "too_large"),
    ],
)
def test_a_declared_length_above_the_limit_is_refused_unread(
    path: str, size: int, code: str
) -> None:
    server = Server(1)
    server.ask(path, str(size + 1))
    assert (server.taken, server.refusal()) == (0, (413, code))


@pytest.mark.parametrize("length", [None, "1", "-1", "x"])
def test_a_body_is_counted_whatever_it_declares(length: str | None) -> None:
    server = Server(1000)
    server.ask("/v1/webhooks/guard", length)
    assert (server.taken, server.refusal()) == (9, (413, "too_large"))


@pytest.mark.parametrize("pieces", [7, 8])
def test_a_body_up_to_the_limit_is_passed_on_whole(pieces: int) -> None:
    read: list[int] = []

    class Reader(ASGIHandler):
        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            file = await self.read_body(receive)
            read.append(len(file.read()))

    server = Server(pieces)
    server.ask("/login", str(pieces * MIB), BodyLimits(Reader()))
    assert (read, server.answers) == ([pieces * MIB], [])
