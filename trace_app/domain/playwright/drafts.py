"""A Package becomes drafts of events; sequence.number gives them their numbers."""

from collections.abc import Iterator
from typing import Any, Final, Literal

from trace_app.domain.events import Level
from trace_app.domain.playwright.calls import call_drafts
from trace_app.domain.playwright.model import (
    Entry,
    Frame,
    Message,
    Output,
    Package,
    PageEvent,
    Snapshot,
)
from trace_app.domain.playwright.values import as_number
from trace_app.domain.sequence import Draft

_CONSOLE_LEVELS: Final[dict[str, Level]] = {
    "error": "error",
    "warning": "warning",
    "assert": "error",
    "debug": "debug",
}
_MAX_TEXT: Final = 64 * 1024
_MAX_HEADERS: Final = 200


def package_drafts(package: Package, calls: Literal["steps", "actions"] = "steps") -> list[Draft]:
    """Every event of the package, unordered.

    `calls="steps"`: each call is a numbered step, as for a zip on its own. `calls="actions"`:
    each call is an agent.action, for a recorder that has steps of its own.
    """
    drafts = list(call_drafts(package, as_steps=calls == "steps"))
    drafts += [_frame(frame, package) for frame in package.frames]
    drafts += [_snapshot(shot, package) for shot in package.snapshots]
    drafts += [draft for entry in package.entries for draft in _entry(entry)]
    drafts += [_message(message) for message in package.messages]
    drafts += [_page_event(event) for event in package.page_events]
    drafts += [_output(output) for output in package.outputs]
    return drafts


def _frame(frame: Frame, package: Package) -> Draft:
    image: dict[str, Any] = {"$member": frame.file, "type": _image_type(frame.file)}
    if frame.file not in package.members:
        image["missing"] = True
    return Draft(
        wall_ms=frame.wall_ms,
        lane="video",
        kind="video.frame",
        member=frame.place.member,
        line=frame.place.line,
        data={
            "image": image,
            "page": frame.page_id,
            "width": frame.width,
            "height": frame.height,
        },
    )


def _snapshot(shot: Snapshot, package: Package) -> Draft:
    data: dict[str, Any] = {
        "call_id": shot.call_id,
        "phase": shot.phase,
        "page": shot.page_id,
        "frame": shot.frame_id,
        "url": shot.url[:4000],
        "main": shot.is_main,
    }
    for picture in package.pictures:
        if shot.is_main and (picture.call_id, picture.phase) == (shot.call_id, shot.phase):
            key = "aria" if picture.kind == "aria-snapshot" else "screenshot"
            if picture.file in package.members:
                data[key] = {"$member": picture.file}
    return Draft(
        wall_ms=shot.wall_ms,
        lane="dom",
        kind="dom.snapshot",
        member=shot.place.member,
        line=shot.place.line,
        data=data,
    )


def _entry(entry: Entry) -> Iterator[Draft]:
    key = f"entry:{entry.place.member}:{entry.place.line}"
    common = {"lane": "network", "member": entry.place.member, "line": entry.place.line}
    request, response = entry.request, entry.response
    asked: dict[str, Any] = {
        "method": str(request.get("method") or ""),
        "url": str(request.get("url") or "")[:8000],
        "source": "browser",
        "page": entry.page_id,
        "frame": entry.frame_id,
        "headers": _headers(request.get("headers")),
    }
    if entry.resource_type:
        asked["resource_type"] = entry.resource_type
    if body := _body(request.get("postData")):
        asked["body"] = body
    yield Draft(wall_ms=entry.start_ms, kind="network.request", key=key, data=asked, **common)  # type: ignore[arg-type]
    ended = {"wall_ms": entry.end_ms, "dur": entry.end_ms - entry.start_ms, "ref_key": key}
    status = response.get("status")
    failure = response.get("_failureText")
    if failure or not isinstance(status, int) or status <= 0:
        text = str(failure or "no response")
        yield Draft(kind="network.failed", level="error", data={"error": text}, **ended, **common)  # type: ignore[arg-type]
        return
    level: Level | None = "error" if status >= 400 else None
    answered = _answer(status, response)
    yield Draft(kind="network.response", level=level, data=answered, **ended, **common)  # type: ignore[arg-type]


def _answer(status: int, response: dict[str, Any]) -> dict[str, Any]:
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    answered: dict[str, Any] = {
        "status": status,
        "mime": str(content.get("mimeType") or ""),
        "size": content.get("size") if isinstance(content.get("size"), int) else 0,
        "headers": _headers(response.get("headers")),
    }
    if body := _body(content):
        answered["body"] = body
    return answered


def _headers(raw: object) -> list[list[str]]:
    """Pairs in their order: a header may occur twice."""
    pairs = raw if isinstance(raw, list) else []
    return [
        [str(one.get("name") or ""), str(one.get("value") or "")[:4000]]
        for one in pairs[:_MAX_HEADERS]
        if isinstance(one, dict)
    ]


def _body(raw: object) -> dict[str, Any] | None:
    if not isinstance(raw, dict):
        return None
    if isinstance(raw.get("_file"), str) and raw["_file"]:
        return {"$member": raw["_file"], "type": str(raw.get("mimeType") or "")}
    text = raw.get("text")
    return {"text": text[:_MAX_TEXT]} if isinstance(text, str) and text else None


def _message(message: Message) -> Draft:
    return Draft(
        wall_ms=message.wall_ms,
        lane="console",
        kind="console.message",
        member=message.place.member,
        line=message.place.line,
        level=_CONSOLE_LEVELS.get(message.kind, "info"),
        data={
            "type": message.kind,
            "text": clean(message.text),
            "location": _location(message.location),
            "page": message.page_id,
        },
    )


def _location(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": str(raw.get("url") or "")[:4000],
        "lineNumber": int(as_number(raw.get("lineNumber"))),
        "columnNumber": int(as_number(raw.get("columnNumber"))),
    }


def _page_event(event: PageEvent) -> Draft:
    place = {"wall_ms": event.wall_ms, "member": event.place.member, "line": event.place.line}
    if event.method == "pageError":
        outer = event.params.get("error")
        inner = outer.get("error") if isinstance(outer, dict) else None
        error = inner if isinstance(inner, dict) else (outer if isinstance(outer, dict) else {})
        data: dict[str, Any] = {
            "message": clean(str(error.get("message") or error.get("value") or "")),
            "stack": clean(str(error.get("stack") or "")),
            "page": event.page_id,
        }
        return Draft(lane="console", kind="page.error", level="error", data=data, **place)  # type: ignore[arg-type]
    if event.method == "dialog":
        data = {
            "type": str(event.params.get("type") or ""),
            "message": clean(str(event.params.get("message") or "")),
            "page": event.page_id,
        }
        return Draft(lane="dom", kind="dom.dialog", data=data, **place)  # type: ignore[arg-type]
    data = {
        "url": str(event.params.get("url") or "")[:4000],
        "event": event.method,
        "page": event.page_id,
    }
    return Draft(lane="dom", kind="dom.navigation", data=data, **place)  # type: ignore[arg-type]


def _output(output: Output) -> Draft:
    return Draft(
        wall_ms=output.wall_ms,
        lane="console",
        kind="app.log",
        member=output.place.member,
        line=output.place.line,
        level="warning" if output.stream == "stderr" else "info",
        data={"stream": output.stream, "text": clean(output.text)},
    )


def clean(text: str) -> str:
    """Text fit for an event: no NUL, at most 64 Ki characters."""
    return text.replace("\x00", "�")[:_MAX_TEXT]


def _image_type(name: str) -> str:
    return "image/png" if name.endswith(".png") else "image/jpeg"
