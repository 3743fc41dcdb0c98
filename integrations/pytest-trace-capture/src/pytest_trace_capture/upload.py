"""Sending bundles to Trace over HTTP with the standard library. It never raises for a refusal."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Target:
    """A Trace: its address, an API key with the scope `ingest`, and the project if needed."""

    url: str
    key: str
    project: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one upload: `link` is the trace's page, `reached` whether anybody answered."""

    link: str = ""
    problem: str = ""
    reached: bool = True

    @property
    def sent(self) -> bool:
        """Say whether Trace has the bundle."""
        return not self.problem


def send(bundle: Path, target: Target) -> Result:
    """Upload one bundle. The same file sent again gives the same trace, so retrying is safe."""
    query = f"?{urllib.parse.urlencode({'project': target.project})}" if target.project else ""
    url = f"{target.url.rstrip('/')}/v1/traces/ingest{query}"
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        return Result(problem=f"{target.url} is no http(s) address", reached=False)
    try:
        with bundle.open("rb") as body:
            request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
                url,
                data=body,
                method="POST",
                headers={
                    "Authorization": f"Bearer {target.key}",
                    "Content-Type": "application/zip",
                    "Content-Length": str(bundle.stat().st_size),
                },
            )
            with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return Result(link=_link(target, answer.read()))
    except urllib.error.HTTPError as error:
        return Result(problem=_refusal(error))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Result(problem=f"Trace cannot be reached: {error}", reached=False)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could carry the key to another host, so it is an error that names the place."""

    def redirect_request(self, *_arguments: object) -> None:
        return None


class _Listening(http.client.HTTPConnection):
    """Hears a refusal that comes before all is sent, after which Trace takes no more."""

    def request(self, *arguments: Any, **options: Any) -> None:
        try:
            super().request(*arguments, **options)
        except (BrokenPipeError, ConnectionResetError):
            # If there is no answer, asking for it says so.
            if self.sock is None:
                raise


class _ListeningSecurely(_Listening, http.client.HTTPSConnection):
    """The same over TLS."""


class _Http(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Listening, request)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_ListeningSecurely, request)


_OPENER = urllib.request.build_opener(_NoRedirect, _Http, _Https)


def _link(target: Target, body: bytes) -> str:
    try:
        answer = json.loads(body)
        link = f"{target.url.rstrip('/')}/traces/{answer['short_id']}"
        return f"{link} ({answer['notice']})" if answer.get("notice") else link
    except (ValueError, KeyError, TypeError):
        return target.url


def _refusal(error: urllib.error.HTTPError) -> str:
    try:
        message = json.loads(error.read())["message"]
    except (OSError, ValueError, KeyError, TypeError):
        message = error.reason
    return f"Trace answered {error.code}: {message}"
