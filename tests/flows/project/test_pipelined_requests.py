"""Requests that come before the answer to the one before is over, on the running product."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import IO
from urllib.parse import urlsplit

import pytest

from tests.harness.live import LiveStack
from tests.harness.long_log import BY, running, step_events
from tests.harness.record import make_project
from trace_app.actions.append import append
from trace_app.actions.projects import create_api_key
from trace_app.domain.events import encode_ndjson
from trace_app.domain.ids import new_short_id
from trace_app.models import Project, Trace

# Many more than the connections to the database that a web process may hold.
PAIRS = 60


@pytest.fixture
def project(live_stack: LiveStack) -> Project:
    name = f"pipelined-{new_short_id().lower()}"
    return make_project(name, name)


@pytest.fixture
def trace(project: Project) -> Trace:
    made = running(project)
    append(by=BY, trace=made, body=encode_ndjson(step_events(1, 1, 2)))
    return made


@pytest.fixture
def key(project: Project) -> str:
    return create_api_key(by=BY, team=project.team, name="reader", scopes=["read"]).secret


def answers(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Status and body of one answer after the other."""
    while status := stream.readline():
        length = 0
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        yield int(status.split()[1]), stream.read(length)


@pytest.mark.parametrize("path", ["events?as=ndjson", "events", "steps"])
def test_each_gives_back_its_connection_to_the_database(
    live_stack: LiveStack, trace: Trace, key: str, path: str
) -> None:
    address = urlsplit(live_stack.url)
    assert address.hostname
    request = (
        f"GET /v1/traces/{trace.short_id}/{path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {key}\r\n\r\n"
    ).encode()
    with ExitStack() as stack:
        at = (address.hostname, address.port or 80)
        line = stack.enter_context(closing(socket.create_connection(at, 30)))
        stream = stack.enter_context(line.makefile("rb"))
        found = answers(stream)
        bodies = set()
        for _ in range(PAIRS):
            # The second waits at the server, which begins it while it ends the first.
            line.sendall(request * 2)
            for status, body in (next(found), next(found)):
                assert status == 200, body
                bodies.add(body)
    assert len(bodies) == 1
