"""An event in one line of words, for lists of failures, citations and search."""

from trace_app.domain.event_text import ANSWERS, describe
from trace_app.domain.events import Event

_LIMIT = 500


def label(event: Event, asked: Event | None = None) -> str:
    """What happened, at most 500 characters. `asked` is the request that an answer belongs to."""
    words = describe(event, asked) if asked and event.kind in ANSWERS else _words(event)
    return " ".join(words.split())[:_LIMIT]


def _words(event: Event) -> str:
    data = event.data
    prefix = event.kind.split(".")[0]
    if prefix == "network":
        return _network(event)
    if prefix == "clone":
        return _clone(event)
    if event.kind == "step.end":
        return f"step {event.step} {data.get('status', '')} {error_message(data)}"
    if event.kind == "assertion":
        return f"{data.get('text', '')}: {data.get('message') or data.get('actual') or ''}"
    if event.kind == "agent.action":
        return f"{data.get('verb', '')} {target_text(data.get('target'))} {error_message(data)}"
    said = data.get("message") or data.get("text") or data.get("title") or data.get("url")
    return str(said or data.get("host") or event.kind)


def _network(event: Event) -> str:
    data = event.data
    asked = f"{data.get('method', '')} {data.get('url', '')}"
    if event.kind == "network.response":
        return f"response {data.get('status', '')} {data.get('mime', '')}"
    return f"{asked} {data.get('error', '')}"


def _clone(event: Event) -> str:
    data = event.data
    what = data.get("event") or f"{data.get('method', '')} {data.get('path', '')}"
    status = data.get("status", "")
    return f"{data.get('clone', '')} {what} {data.get('url', '')} {status}"


def target_text(target: object) -> str:
    """What an action acted on: recorders write a text, or {kind, value} of a scenario's target."""
    if isinstance(target, dict):
        return f'{target.get("kind") or ""} "{target.get("value") or ""}"'.strip()
    return str(target or "")


def error_message(data: dict[str, object]) -> str:
    """The message of an event's `error`, which is an object or a text."""
    error = data.get("error")
    if isinstance(error, dict):
        return str(error.get("message") or "")
    return str(error or "")
