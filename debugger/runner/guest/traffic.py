"""Listens to the browser.

Requests in flight, answers, console errors. It feeds expectations and settling; the record itself
comes from the Playwright trace.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

QUIET_SECONDS = 0.06
BOUND_SECONDS = 3.0
# These stay open by design and would never let a page come to rest.
_OPEN_ENDED = {"eventsource", "websocket", "ping"}
_LOCAL_SCHEMES = {"http", "https", "ws", "wss"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One finished exchange; `at` is wall-clock milliseconds, status 0 means that it failed."""

    at: float
    method: str
    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """One console error or uncaught page error."""

    at: float
    text: str


class Traffic:
    """What a browser context did on the network and said on the console."""

    def __init__(
        self,
        context: BrowserContext,
        *,
        now: Callable[[], float],
        on_blocked: Callable[[str, int | None, str], None],
        known_hosts: frozenset[str],
        bound: float = BOUND_SECONDS,
    ) -> None:
        """Subscribe.

        `on_blocked(host, port, scheme)` is called for requests that tried to leave.
        """
        self.answers: list[Answer] = []
        self.troubles: list[Trouble] = []
        self._open: dict[Request, float] = {}
        self._last = time.monotonic()
        self._now = now
        self._on_blocked = on_blocked
        self._known_hosts = known_hosts
        self._bound = bound
        context.on("request", self._started)
        context.on("response", self._answered)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._failed)
        context.on("console", self._console)
        context.on("weberror", self._page_error)

    async def settle(self) -> None:
        """Wait until nothing has been in flight for a moment, but not for ever."""
        deadline = time.monotonic() + self._bound
        # Requests that a click causes are announced a moment after the click returns.
        await asyncio.sleep(QUIET_SECONDS)
        while time.monotonic() < deadline:
            quiet_for = time.monotonic() - self._last
            if not self._open and quiet_for >= QUIET_SECONDS:
                return
            await asyncio.sleep(0.01 if self._open else max(QUIET_SECONDS - quiet_for, 0.001))

    def _started(self, request: Request) -> None:
        if request.resource_type not in _OPEN_ENDED and not request.url.startswith("data:"):
            self._open[request] = self._now()
            self._last = time.monotonic()

    def _answered(self, response: Response) -> None:
        request = response.request
        at = self._open.get(request, self._now())
        self.answers.append(Answer(at, request.method, request.url, response.status))

    def _ended(self, request: Request) -> None:
        if self._open.pop(request, None) is not None:
            self._last = time.monotonic()

    def _failed(self, request: Request) -> None:
        at = self._open.get(request, self._now())
        self._ended(request)
        self.answers.append(Answer(at, request.method, request.url, 0))
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if parts.scheme in _LOCAL_SCHEMES and host not in self._known_hosts:
            self._on_blocked(host, parts.port, parts.scheme)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(Trouble(self._now(), message.text))

    def _page_error(self, error: WebError) -> None:
        self.troubles.append(Trouble(self._now(), str(error.error)))
