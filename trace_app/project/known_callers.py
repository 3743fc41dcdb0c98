"""Whoever sends much says who they are first: a caller is looked up before a body is read.

A coarse filter: whether a key still lives and what its holder may do, the view asks afterwards.
"""

import asyncio
import re
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.http import parse_cookie
from django.utils.crypto import constant_time_compare

from trace_app.api.authentication import digest_of
from trace_app.permissions.accounts import Accounts
from trace_app.project.sessions import SessionStore
from trace_app.queries.keys import live_key

type Scope = dict[str, Any]
type Message = dict[str, Any]
type Application = Callable[[Scope, Any, Any], Awaitable[None]]

# As much as the server itself holds; a stranger may send it, and the view refuses it.
FREE: Final = 64 * 1024
_FORM: Final = re.compile(r"/ingest/?")
# Webhooks say who sends them by a signature over the body.
_API: Final = re.compile(r"/v1/(?!webhooks/).*")
_KNOWN_SECONDS: Final = 60.0
_MAX_KNOWN: Final = 1024


class KnownCallers:
    """An ASGI application around another one, which gets long bodies of known callers alone."""

    def __init__(self, application: Application) -> None:
        self._application = application
        # Hashes of keys found lately, and until when: a recorder's next batch is not held up.
        self._keys: OrderedDict[str, float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass the request on; a stranger's without its body, so that the view refuses it."""
        if scope["type"] != "http" or not _asks(scope["path"]):
            await self._application(scope, receive, send)
            return
        body = Body(receive)
        if await body.is_long(_header(scope, b"content-length")) and not await self._knows(scope):
            await self._application(_without_body(scope), _no_body(), send)
            return
        await self._application(scope, body.receive, send)

    async def _knows(self, scope: Scope) -> bool:
        digest = digest_of(_header(scope, b"authorization"))
        if digest is None:
            return await _in_thread(_is_signed_in, _header(scope, b"cookie"))
        if self._keys.get(digest, 0.0) > monotonic():
            return True
        if not await _in_thread(_is_live, digest):
            return False
        self._keys[digest] = monotonic() + _KNOWN_SECONDS
        self._keys.move_to_end(digest)
        if len(self._keys) > _MAX_KNOWN:
            self._keys.popitem(last=False)
        return True


class Body:
    """A body whose beginning may have been read already."""

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._held: deque[Message] = deque()

    async def is_long(self, declared: bytes) -> bool:
        """Whether it has more than FREE bytes; read, up to them, where it does not say so."""
        if declared.isdigit() and int(declared) > FREE:
            return True
        size, more = 0, True
        while more and size <= FREE:
            message: Message = await self._receive()
            self._held.append(message)
            size += len(message.get("body", b""))
            more = bool(message.get("more_body"))
        return size > FREE

    async def receive(self) -> Message:
        """The messages, each once and in their order."""
        message: Message = self._held.popleft() if self._held else await self._receive()
        return message


def _asks(path: str) -> bool:
    return bool(_API.fullmatch(path) or _FORM.fullmatch(path))


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _without_body(scope: Scope) -> Scope:
    """The same request, empty; who sends a form is led to the page where they log in."""
    headers = [(key, value) for key, value in scope["headers"] if key != b"content-length"]
    method = "GET" if _FORM.fullmatch(scope["path"]) else scope["method"]
    return {**scope, "method": method, "headers": headers}


def _no_body() -> Callable[[], Awaitable[Message]]:
    """An empty body, after which the client seems to wait: what it still sends stays unread."""
    messages: deque[Message] = deque(({"type": "http.request", "body": b"", "more_body": False},))

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.popleft()

    return receive


async def _in_thread(ask: Callable[[Any], bool], value: object) -> bool:
    """The answer of the database, whose connection goes back at once: the body may come slowly."""

    def answer() -> bool:
        try:
            return ask(value)
        finally:
            connection.close()

    return await sync_to_async(answer, thread_sensitive=False)()


def _is_live(digest: str) -> bool:
    return live_key(digest) is not None


def _is_signed_in(cookies: bytes) -> bool:
    """Whether these cookies hold a person's session; nothing is written, unlike by Django."""
    given = parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    session = SessionStore(given) if given else {}
    person = Accounts().get_user(session[SESSION_KEY]) if SESSION_KEY in session else None
    if person is None:
        return False
    good = (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    return any(constant_time_compare(session.get(HASH_SESSION_KEY, ""), one) for one in good)
