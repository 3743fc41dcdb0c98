"""HTTP client of the Trace that Guard reports to: bundle uploads and signed webhooks.

No retries here.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

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
            data = reply.json()
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
    url: str, headers: dict[str, str], body: object, timeout: httpx.Timeout
) -> httpx.Response:
    try:
        with httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as http:
            reply = http.post(url, headers=headers, content=body)  # type: ignore[arg-type]
    except httpx.HTTPError as error:
        raise TraceUnreachableError(f"Trace does not answer: {error}") from error
    if reply.status_code >= 500 or reply.status_code in (408, 425, 429):
        raise TraceUnreachableError(f"Trace answered {reply.status_code}")
    if not reply.is_success:
        raise TraceRefusedError(reply.status_code, *_error_of(reply))
    return reply


def _error_of(reply: httpx.Response) -> tuple[str, str]:
    try:
        data = reply.json()
    except ValueError:
        return "no_reason", reply.text[:200]
    if not isinstance(data, dict):
        return "no_reason", ""
    return str(data.get("error", "no_reason")), str(data.get("message", ""))[:500]
