"""The running product as a test sees it."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from mender_handoff.demo.processes import NAMES, Stack
from tests.harness.contract import contract, is_described
from tests.harness.database import LIVE_DATABASE, orm_on


class LiveStack:
    """Web, worker and beat on one database; `url` has no slash at its end."""

    def __init__(self, stack: Stack, var: Path) -> None:
        self.stack = stack
        self.var = var
        self.url = stack.url
        self._begins = {name: len(stack.child(name).written()) for name in NAMES}

    def client(self, api_key: str = "") -> httpx.Client:
        """Return an HTTP client; with a key it speaks as that key's owner."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        hooks = {"response": [_as_described]}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, event_hooks=hooks)

    def logs(self) -> dict[str, str]:
        """Return what each process wrote since this test began."""
        return {
            name: self.stack.child(name).written()[begin:] for name, begin in self._begins.items()
        }

    @contextlib.contextmanager
    def database(self) -> Iterator[None]:
        """Let the test's ORM work on the product's database."""
        with orm_on(LIVE_DATABASE):
            yield


def _as_described(answer: httpx.Response) -> None:
    """Hold an answer of the API against its description; a stream has no end to read."""
    asked = answer.request
    if is_described(asked.method, asked.url.path):
        kind = answer.headers.get("Content-Type", "")
        body = answer.read() if kind.startswith("application/json") else b""
        contract().check(asked.method, asked.url.path, answer.status_code, kind, body)


def wait_for[T](what: str, ask: Callable[[], T | None], seconds: float = 60.0) -> T:
    """Ask until the answer is truthy and return it; the test fails after `seconds`."""
    deadline = monotonic() + seconds
    while not (answer := ask()):
        if monotonic() > deadline:
            pytest.fail(f"Waited {seconds:.0f} s in vain for: {what}", pytrace=False)
        sleep(0.05)
    return answer
