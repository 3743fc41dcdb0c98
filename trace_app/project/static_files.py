"""Static files, answered before Django: no thread, no middleware, packed once per process.

A page of ours asks for thirty of them; each through Django's synchronous middleware would cost as
much as a small view. whitenoise still finds the files and answers ranges and conditions.
"""

import gzip
import mimetypes
import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from trace_app.templatetags import sheets

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
        asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        found = self._known.files.get(scope["path"]) if asked else None
        joined = sheets.ADDRESS.fullmatch(scope["path"]) if asked and found is None else None
        if found is None and joined is None:
            await self._application(scope, receive, send)
            return
        status, headers, body = _answer(found, scope) if joined is None else _sheet(joined, scope)
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


def _sheet(joined: re.Match[str], scope: Scope) -> tuple[int, Headers, bytes]:
    """Several style sheets as one; a browser keeps them for as long as their mark is this one."""
    mark, *named = joined.groups()
    try:
        body = sheets.sheet(*named)
    except FileNotFoundError:
        return 404, [(b"content-type", b"text/plain"), (b"content-length", b"0")], b""
    kept = mark == sheets.mark(*named)
    headers = [
        (b"content-type", b"text/css; charset=utf-8"),
        (b"cache-control", b"public, max-age=31536000, immutable" if kept else b"no-cache"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", str(len(body)).encode()),
    ]
    accepted = dict(scope["headers"]).get(b"accept-encoding", b"")
    if b"gzip" in accepted:
        body = _packed_sheet(*named)
        headers = _as_packed(headers, len(body))
    return 200, headers, b"" if scope["method"] == "HEAD" else body


@cache
def _packed_sheet(folder: str, names: str) -> bytes:
    return gzip.compress(sheets.sheet(folder, names), 6, mtime=0)


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
