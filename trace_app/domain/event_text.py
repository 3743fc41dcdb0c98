"""One line of plain text per event, for lists and hover cards. Not for citations or signatures."""

from collections.abc import Callable
from typing import Any, Final

from trace_app.domain.events import Event
from trace_app.domain.paths import split_url

LIMIT: Final = 300

type Data = dict[str, Any]


#: An answer does not repeat what was asked: its `ref` names the request.
ANSWERS: Final = frozenset({"network.response", "network.failed"})


def describe(event: Event, asked: Event | None = None) -> str:
    """What happened, in at most 300 characters; never empty. `asked` is an answer's request."""
    text = _WRITERS.get(event.kind, _nothing)(event.data) or event.kind
    if asked is not None and event.kind in ANSWERS:
        what = _joined(asked.data.get("method"), short_url(asked.data.get("url")))
        text = f"{what} → {text}"
    text = " ".join(text.split())
    return text if len(text) <= LIMIT else text[: LIMIT - 1] + "…"


def short_url(url: object) -> str:
    """Path and query of a URL, with the host where there is no path to speak of."""
    parts = split_url(str(url or ""))
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if path not in ("", "/") else f"{parts.netloc}/" if parts.netloc else "/"


def action_text(data: Data) -> str:
    """An action as a scenario writes it: `click button "Pay now"`."""
    value = data.get("value")
    value = _joined(value.get("value")) if isinstance(value, dict) else value
    return _joined(data.get("verb"), target_text(data.get("target")), value)


def target_text(target: object) -> str:
    """What an action is aimed at: recorders give a text, or its kind and value."""
    if not isinstance(target, dict):
        return _text(target)
    value = target.get("value")
    return _joined(target.get("kind"), f'"{value}"' if value else "")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _message(value: object) -> str:
    return _text(value.get("message")) if isinstance(value, dict) else _text(value)


def _joined(*parts: object, by: str = " ") -> str:
    return by.join(_text(part) for part in parts if part not in (None, ""))


def _nothing(_data: Data) -> str:
    return ""


def _run_start(data: Data) -> str:
    found = data.get("scenario")
    scenario = found if isinstance(found, dict) else {}
    return _joined("run of", scenario.get("title") or scenario.get("slug") or "a test")


def _run_end(data: Data) -> str:
    step = data.get("failing_step")
    return _joined("run", data.get("status"), f"at step {step}" if step else "")


def _step_start(data: Data) -> str:
    return _text(data.get("title") or data.get("text"))


def _step_end(data: Data) -> str:
    return _joined(data.get("status"), _message(data.get("error")), by=": ")


def _assertion(data: Data) -> str:
    verdict = "holds" if data.get("ok") else "does not hold"
    return _joined(f"{_text(data.get('text'))} {verdict}", data.get("message"), by=": ")


def _action(data: Data) -> str:
    error = _message(data.get("error"))
    return _joined(action_text(data), error, by=": ")


def _clone_state(data: Data) -> str:
    return _joined("state of", data.get("clone"), data.get("boundary"))


def _clone_request(data: Data) -> str:
    answer = data.get("status")
    return _joined(
        data.get("clone"), data.get("method"), data.get("path"), f"→ {answer}" if answer else ""
    )


def _clone_webhook(data: Data) -> str:
    return _joined(
        data.get("clone"), data.get("event"), short_url(data.get("url")), f"→ {data.get('status')}"
    )


def _unmodelled(data: Data) -> str:
    return _joined(data.get("clone"), "does not model", data.get("method"), data.get("path"))


def _storage(data: Data) -> str:
    held = (data.get(name) for name in ("cookies", "local", "session"))
    counts = [len(one) if isinstance(one, list | dict) else 0 for one in held]
    return "{} cookies, {} local and {} session entries".format(*counts)


def _blocked(data: Data) -> str:
    port = data.get("port")
    return _joined("blocked", f"{_text(data.get('host'))}{f':{port}' if port else ''}")


def _frame(data: Data) -> str:
    return f"frame {data.get('width', '?')} × {data.get('height', '?')}"


def _snapshot(data: Data) -> str:
    return _joined(data.get("phase"), data.get("title") or short_url(data.get("url")))


def _url(data: Data) -> str:
    return short_url(data.get("url"))


def _dialog(data: Data) -> str:
    return _joined(data.get("type"), data.get("message"), by=": ")


def _request(data: Data) -> str:
    source = data.get("source")
    return _joined(data.get("method"), short_url(data.get("url")), f"({source})" if source else "")


def _response(data: Data) -> str:
    return _joined(data.get("status"), data.get("mime"))


def _failed(data: Data) -> str:
    return _joined("failed:", _message(data.get("error")))


def _console(data: Data) -> str:
    return _joined(data.get("type"), data.get("text"), by=": ")


def _page_error(data: Data) -> str:
    return _text(data.get("message"))


def _log(data: Data) -> str:
    return _text(data.get("text"))


_WRITERS: Final[dict[str, Callable[[Data], str]]] = {
    "run.start": _run_start,
    "run.end": _run_end,
    "step.start": _step_start,
    "step.end": _step_end,
    "assertion": _assertion,
    "agent.thought": _log,
    "agent.action": _action,
    "clone.state": _clone_state,
    "clone.request": _clone_request,
    "clone.webhook": _clone_webhook,
    "clone.unmodelled": _unmodelled,
    "storage.state": _storage,
    "egress.blocked": _blocked,
    "video.frame": _frame,
    "dom.snapshot": _snapshot,
    "dom.navigation": _url,
    "dom.dialog": _dialog,
    "network.request": _request,
    "network.response": _response,
    "network.failed": _failed,
    "console.message": _console,
    "page.error": _page_error,
    "app.log": _log,
}
