"""HTTP client of the Trace that Guard reports to: bundle uploads and signed webhooks.

No retries here.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import httpx

from mender_handoff.clients import replies
from mender_handoff.clients.replies import TooLongError
from mender_handoff.domain import webhook_signature

UPLOAD_TIMEOUT = httpx.Timeout(120, connect=5)
WEBHOOK_TIMEOUT = httpx.Timeout(15, connect=5)


class TraceError(Exception):
    """Trace could not be used; the text is fit for people."""


class TraceUnreachableError(TraceError):
    """No usable answer: try again later."""


class TraceRefusedError(TraceError):
    """Trace said no. `code` is its machine code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"Trace answered {status} {code}: {message}")
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A stored trace as Trace named it."""

    id: str
    short_id: str


@dataclass(frozen=True, slots=True)
class TraceClient:
    """Where one repository's Trace is and what opens it."""

    url: str
    project: str
    api_key: str
    webhook_secret: str

    def upload(self, bundle: Path) -> Uploaded:
        """POST the bundle to /v1/traces/ingest.

        TraceRefusedError code `trace_capture_off`: do without.
        """
        url = f"{self.url}/v1/traces/ingest?project={quote(self.project)}"
        headers = {
            "Authorization": f"Bearer {self.api_key}",
            "Content-Type": "application/zip",
            "Content-Length": str(bundle.stat().st_size),
        }
        with bundle.open("rb") as body:
            reply = _send(url, headers, body, UPLOAD_TIMEOUT)
        try:
            data = json.loads(reply)
            found = data.get("trace", data)
            return Uploaded(str(found["id"]), str(found["short_id"]))
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise TraceUnreachableError("Trace's answer is not understood") from error

    def send_webhook(self, message_id: str, body: bytes) -> None:
        """POST a signed message to /v1/webhooks/guard.

        The same id again is taken as the same message.
        """
        url = f"{self.url}/v1/webhooks/guard?project={quote(self.project)}"
        headers = webhook_signature.headers(self.webhook_secret, message_id, int(time.time()), body)
        _send(url, headers | {"Content-Type": "application/json"}, body, WEBHOOK_TIMEOUT)


def _send(
    url: str, headers: dict[str, str], body: bytes | IO[bytes], timeout: httpx.Timeout
) -> bytes:
    try:
        with (
            httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as http,
            http.stream("POST", url, headers=headers, content=body) as reply,
        ):
            status, answer = reply.status_code, replies.read(reply)
    except (httpx.HTTPError, TooLongError) as error:
        raise TraceUnreachableError(f"Trace does not answer: {error}") from error
    if replies.is_for_later(status):
        raise TraceUnreachableError(f"Trace answered {status}")
    if not 200 <= status < 300:
        raise TraceRefusedError(status, *replies.error_of(answer))
    return answer
