"""The largest body of a request, counted as it comes.

Django writes a body to disk before a view sees it; views refuse later, more exactly.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

type Scope = dict[str, Any]
type Message = dict[str, Any]
type Application = Callable[[Scope, Any, Any], Awaitable[None]]

_MIB: Final = 1024**2


@dataclass(frozen=True, slots=True)
class Limit:
    """How many bytes a body may have, and the refusal of a larger one."""

    size: int
    code: str
    message: str


# What stands around the file in a form.
_FORM: Final = Limit(1025 * _MIB, "upload_too_large", "A form may have 1 GiB; send fewer files.")
_UPLOAD: Final = Limit(1024 * _MIB, "upload_too_large", "An upload may have 1 GiB.")
_BATCH: Final = Limit(64 * _MIB, "body_too_large", "A batch may have 64 MiB; send it in parts.")
_OTHER: Final = Limit(8 * _MIB, "too_large", "A request may hold 8 MiB.")
_PLACES: Final = (
    (re.compile(r"/ingest/?"), _FORM),
    (re.compile(r"/v1/traces/ingest/?"), _UPLOAD),
    (re.compile(r"/v1/traces/[^/]+/events/?"), _BATCH),
)


class TooLargeError(Exception):
    """More than the limit has come."""


class BodyLimits:
    """An ASGI application around another one, which gets no more of a body than it may have."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass the request on, or answer 413; the server throws away what still comes."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        if _declared(scope) > limit.size:
            await _refuse(limit, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message: Message = await receive()
            came += len(message.get("body", b""))
            if came > limit.size:
                raise TooLargeError
            return message

        try:
            await self._application(scope, counted, send)
        except TooLargeError:
            # Django reads the whole body before anything else, so nothing was answered yet.
            await _refuse(limit, send)


def limit_of(path: str) -> Limit:
    """The limit of an address."""
    return next((limit for place, limit in _PLACES if place.fullmatch(path)), _OTHER)


def _declared(scope: Scope) -> int:
    values = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(value) for value in values if value.isdigit()), default=0)


async def _refuse(limit: Limit, send: Any) -> None:
    body = json.dumps({"error": limit.code, "message": limit.message}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
