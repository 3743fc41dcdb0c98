"""Small HTTP calls to the clones' admin API and the application's ready page.

No redirects, no proxy.
"""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit


class CallError(Exception):
    """No usable answer; the message names the call."""


def call(method: str, url: str, body: object = None, *, timeout: float = 10.0) -> tuple[int, bytes]:
    """Status and body of one request; CallError when the connection fails."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
    payload = None if body is None else json.dumps(body).encode()
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request(method, path, payload, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise CallError(f"{method} {url}: {error}") from error
    finally:
        connection.close()


def call_json(method: str, url: str, body: object = None, *, timeout: float = 10.0) -> Any:
    """The JSON answer of a request that must succeed."""
    status, payload = call(method, url, body, timeout=timeout)
    if status >= 400:
        raise CallError(
            f"{method} {url} answered {status}: {payload[:300].decode(errors='replace')}"
        )
    return json.loads(payload)
