"""The long body of whoever may not send it stays unread; what is answered is up to the view."""

import asyncio
from typing import Any

import pytest

from trace_app.models import ApiKey
from trace_app.permissions.keys import KeyPrincipal
from trace_app.project import known_callers
from trace_app.project.known_callers import FREE, KnownCallers

PIECE = bytes(16 * 1024)


class Request:
    """Sends a body in pieces to a view that reads it whole; notes how much of it was taken."""

    def __init__(self, pieces: int, *headers: tuple[bytes, bytes]) -> None:
        self.left = pieces
        self.taken = 0
        self.headers = list(headers)
        self.seen: tuple[str, list[tuple[bytes, bytes]], int] | None = None
        self.gone: dict[str, Any] | None = None

    async def receive(self) -> dict[str, Any]:
        if not self.left:
            return {"type": "http.disconnect"}
        self.left -= 1
        self.taken += len(PIECE)
        return {"type": "http.request", "body": PIECE, "more_body": self.left > 0}

    async def view(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message["body"])
            more = message["more_body"]
        self.seen = scope["method"], scope["headers"], size
        try:
            self.gone = await asyncio.wait_for(receive(), 0.01)
        except TimeoutError:
            self.gone = None

    def ask(self, path: str, through: KnownCallers | None = None) -> None:
        scope = {"type": "http", "method": "POST", "path": path, "headers": self.headers}
        asyncio.run((through or KnownCallers(self.view))(scope, self.receive, None))


API = "/v1/traces/ingest"
LENGTH = (b"content-length", b"1000000000")


def test_a_declared_long_body_of_a_stranger_is_not_touched() -> None:
    request = Request(1000, (b"host", b"x"), LENGTH)
    request.ask(API)
    assert request.seen == ("POST", [(b"host", b"x")], 0)
    assert (request.taken, request.gone) == (0, None)


@pytest.mark.parametrize("path", [API, "/v1/traces/x/events", "/v1/traces", "/v1/traces/x/ask"])
@pytest.mark.parametrize("headers", [[], [(b"content-length", b"7")], [(b"cookie", b"a=b")]])
def test_of_an_undeclared_one_no_more_than_the_beginning_is_read(
    path: str, headers: list[tuple[bytes, bytes]]
) -> None:
    request = Request(1000, *headers)
    request.ask(path)
    assert request.taken == FREE + len(PIECE)
    assert request.seen is not None
    assert request.seen[2] == 0


def test_a_page_is_asked_for_the_way_to_the_login() -> None:
    request = Request(1000, LENGTH)
    request.ask("/ingest")
    assert request.seen == ("GET", [], 0)


def test_short_bodies_are_the_views_to_judge() -> None:
    request = Request(FREE // len(PIECE))
    request.ask(API)
    assert request.seen == ("POST", [], FREE)
    assert request.gone == {"type": "http.disconnect"}


@pytest.mark.parametrize("path", ["/v1/webhooks/guard", "/login", "/ingestion", "/x/v1/y"])
def test_other_addresses_have_other_proofs(path: str) -> None:
    request = Request(100, LENGTH)
    request.ask(path)
    assert request.seen == ("POST", [LENGTH], 100 * len(PIECE))


def holder(*scopes: str) -> KeyPrincipal:
    return KeyPrincipal.of(ApiKey(name="ci", scopes=list(scopes)))


def test_a_known_key_is_looked_up_once_for_many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def holder_of(digest: str) -> KeyPrincipal | None:
        asked.append(digest)
        return holder("ingest") if len(asked) > 1 else None

    monkeypatch.setattr(known_callers, "_holder_of", holder_of)
    request = Request(40, LENGTH, (b"authorization", b"Bearer trc_x"))
    through = KnownCallers(request.view)
    read = []
    for _ in range(4):
        request.left = 10
        request.ask(API, through)
        assert request.seen is not None
        read.append(request.seen[2])
    assert read == [0, *[10 * len(PIECE)] * 3]
    assert len(asked) == 2


SENDING = [API, "/v1/traces", "/v1/traces/123456789/events", "/v1/traces/123456789/finish"]
OTHER = ["/v1/traces/123456789/replays", "/v1/traces/123456789/debugger/messages"]


@pytest.mark.parametrize(
    ("scopes", "read"),
    [
        (["read"], []),
        (["operate"], OTHER),
        (["ingest"], SENDING),
        (["read", "ingest", "operate"], [*SENDING, *OTHER]),
    ],
    ids="-".join,
)
def test_a_key_is_read_where_its_scopes_allow_a_body(
    monkeypatch: pytest.MonkeyPatch, scopes: list[str], read: list[str]
) -> None:
    monkeypatch.setattr(known_callers, "_holder_of", lambda _: holder(*scopes))
    taken = []
    for path in [*SENDING, *OTHER, "/v1/nowhere"]:
        request = Request(10, LENGTH, (b"authorization", b"Bearer trc_x"))
        request.ask(path)
        assert request.taken in (0, 10 * len(PIECE))
        if request.taken:
            taken.append(path)
    assert taken == read


def test_only_so_many_keys_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_callers, "_holder_of", lambda _: holder("ingest"))
    monkeypatch.setattr(known_callers, "_MAX_KNOWN", 2)
    request = Request(100, LENGTH)
    through = KnownCallers(request.view)
    for number in range(5):
        request.headers = [LENGTH, (b"authorization", b"Bearer trc_%d" % number)]
        request.left = 1
        request.ask(API, through)
    assert len(through._keys) == 2
