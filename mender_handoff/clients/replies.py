"""What both sides' HTTP clients do with an answer: read a bounded part, find its error."""

import json
from typing import Final

import httpx

MAX_REPLY: Final = 8 * 1024 * 1024
#: Statuses besides 5xx after which the same call may succeed later.
LATER: Final = (408, 425, 429)


class TooLongError(Exception):
    """The answer was longer than MAX_REPLY; the rest was not read."""


def read(reply: httpx.Response) -> bytes:
    """The body of a streamed answer. TooLongError, httpx.HTTPError."""
    body = bytearray()
    for piece in reply.iter_bytes():
        body += piece
        if len(body) > MAX_REPLY:
            raise TooLongError(f"the answer is longer than {MAX_REPLY} bytes")
    return bytes(body)


def is_for_later(status: int) -> bool:
    """Whether the same call may succeed later."""
    return status >= 500 or status in LATER


def error_of(body: bytes) -> tuple[str, str]:
    """The machine code and the sentence of a refusal."""
    try:
        data = json.loads(body)
    except ValueError:
        return "no_reason", body[:200].decode("utf-8", "replace")
    if not isinstance(data, dict):
        return "no_reason", ""
    return str(data.get("error", "no_reason")), str(data.get("message", ""))[:500]
