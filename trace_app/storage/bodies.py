"""Recorded request and response bodies as text, wherever they are kept."""

from typing import Any, Final

from trace_app.domain.archive import ArchiveError
from trace_app.domain.pretty import is_text
from trace_app.models import Trace
from trace_app.storage import packages

MOST_BYTES: Final = 1024 * 1024


def body_text(trace: Trace, message: dict[str, Any]) -> str:
    """The body of a request's or a response's data; empty for none, pictures and larger ones."""
    body = message.get("body")
    if not isinstance(body, dict):
        return body if isinstance(body, str) else ""
    if isinstance(body.get("text"), str):
        return str(body["text"])
    name, mime = body.get("$member"), str(body.get("type") or message.get("mime") or "")
    if not (isinstance(name, str) and trace.playwright_zip and is_text(mime)):
        return ""
    try:
        content = packages.read_member(trace.playwright_zip, name, MOST_BYTES)
    except (ArchiveError, FileNotFoundError):
        return ""
    return (content or b"").decode("utf-8", "replace")
