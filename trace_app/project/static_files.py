"""Static files, answered before Django: no thread, no middleware, packed once per process.

A page of ours asks for thirty of them; each through Django's synchronous middleware would cost as
much as a small view. whitenoise still finds the files and answers ranges and conditions.
"""

import gzip
import mimetypes
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

type Scope = dict[str, Any]
type Application = Callable[[Scope, Any, Any], Awaitable[None]]
type Headers = list[tuple[bytes, bytes]]

_PACKED: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")
_CONDITIONS: Final = ("accept-encoding", "if-none-match", "if-modified-since", "range")


class StaticFiles:
    """An ASGI application around another one, which gets everything that is no static file."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._known = WhiteNoiseMiddleware(_nothing, settings)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a static file, or pass the request on."""
        found = self._known.files.get(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] not in ("GET", "HEAD"):
            await self._application(scope, receive, send)
            return
        status, headers, body = _answer(found, scope)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


def _answer(found: Any, scope: Scope) -> tuple[int, Headers, bytes]:
    asked = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    environ = {
        f"HTTP_{name.upper().replace('-', '_')}": asked[name]
        for name in _CONDITIONS
        if name in asked
    }
    environ["HTTP_IF_NONE_MATCH"] = asked.get("if-none-match", "").removeprefix("W/")
    if not environ["HTTP_IF_NONE_MATCH"]:
        del environ["HTTP_IF_NONE_MATCH"]
    answer = found.get_response(scope["method"], environ)
    headers = [(name.lower().encode(), str(value).encode()) for name, value in answer.headers]
    headers.append((b"x-content-type-options", b"nosniff"))
    if answer.file is None:
        return int(answer.status), headers, b""
    with answer.file:
        if int(answer.status) == 200 and _packs(answer.file.name, headers, asked):
            body = _packed(answer.file.name)
            return 200, _as_packed(headers, len(body)), body
        return int(answer.status), headers, answer.file.read()


def _packs(path: str, headers: Headers, asked: dict[str, str]) -> bool:
    kind = mimetypes.guess_type(path)[0] or ""
    already = any(name == b"content-encoding" for name, _ in headers)
    return kind.startswith(_PACKED) and not already and "gzip" in asked.get("accept-encoding", "")


@cache
def _packed(path: str) -> bytes:
    """Files do not change while a process runs: whitenoise, too, lists them once."""
    with open(path, "rb") as file:  # noqa: PTH123 (as whitenoise opened it)
        return gzip.compress(file.read(), 6, mtime=0)


def _as_packed(headers: Headers, length: int) -> Headers:
    """The headers of the packed file; its mark is weak, because the bytes are others."""
    kept = [(name, value) for name, value in headers if name not in (b"content-length", b"etag")]
    marks = [(name, b"W/" + value) for name, value in headers if name == b"etag"]
    vary = [] if any(name == b"vary" for name, _ in kept) else [(b"vary", b"Accept-Encoding")]
    size = (b"content-length", str(length).encode())
    return [*kept, *marks, *vary, size, (b"content-encoding", b"gzip")]
