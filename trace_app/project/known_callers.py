"""Whoever sends much says who they are first: a caller is looked up before a body is read.

A coarse filter: whether a key still lives and what it may change, the view asks afterwards.
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

from trace_app.api.access import may_write
from trace_app.api.authentication import digest_of
from trace_app.permissions.accounts import Accounts
from trace_app.permissions.keys import KeyPrincipal
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
    """An ASGI application around another one, which gets long bodies of proper senders alone."""

    def __init__(self, application: Application) -> None:
        self._application = application
        # Keys found lately by their hash, and until when: a recorder's next batch is not held up.
        self._keys: OrderedDict[str, tuple[float, KeyPrincipal]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass the request on; without its body where the view is to refuse it."""
        if scope["type"] != "http" or not _asks(scope["path"]):
            await self._application(scope, receive, send)
            return
        body = Body(receive)
        if await body.is_long(_header(scope, b"content-length")) and not await self._trusts(scope):
            await self._application(_without_body(scope), _no_body(), send)
            return
        await self._application(scope, body.receive, send)

    async def _trusts(self, scope: Scope) -> bool:
        digest = digest_of(_header(scope, b"authorization"))
        if digest is None:
            return await _in_thread(_is_signed_in, _header(scope, b"cookie"))
        holder = await self._holder(digest)
        return holder is not None and may_write(holder, scope["path"])

    async def _holder(self, digest: str) -> KeyPrincipal | None:
        until, holder = self._keys.get(digest, (0.0, None))
        if holder is not None and until > monotonic():
            return holder
        found = await _in_thread(_holder_of, digest)
        if found is not None:
            self._keys[digest] = (monotonic() + _KNOWN_SECONDS, found)
            self._keys.move_to_end(digest)
            if len(self._keys) > _MAX_KNOWN:
                self._keys.popitem(last=False)
        return found


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


async def _in_thread[T, Answer](ask: Callable[[T], Answer], value: T) -> Answer:
    """The answer of the database, whose connection goes back at once: the body may come slowly."""

    def answer() -> Answer:
        try:
            return ask(value)
        finally:
            connection.close()

    return await sync_to_async(answer, thread_sensitive=False)()


def _holder_of(digest: str) -> KeyPrincipal | None:
    key = live_key(digest)
    return KeyPrincipal.of(key) if key else None


def _is_signed_in(cookies: bytes) -> bool:
    """Whether these cookies hold a person's session; nothing is written, unlike by Django."""
    given = parse_cookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    session = SessionStore(given) if given else {}
    person = Accounts().get_user(session[SESSION_KEY]) if SESSION_KEY in session else None
    if person is None:
        return False
    good = (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    return any(constant_time_compare(session.get(HASH_SESSION_KEY, ""), one) for one in good)
