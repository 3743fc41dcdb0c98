"""Older trace formats, one line at a time, brought to the words of format 10.

A line is a decoded JSON object; None drops it. Meaning is added in reader.py, not here.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from trace_app.domain.playwright.model import NEWEST_FORMAT
from trace_app.domain.playwright.values import Line, as_dict, as_list

_PHASES: Final = {
    "beforeSnapshot": "before",
    "inputSnapshot": "action",
    "actionSnapshot": "action",
    "afterSnapshot": "after",
}


class Moderniser:
    """Brings the lines of one member up to format 10; keeps what later lines refer to."""

    def __init__(self, version: int) -> None:
        self._version = version
        self._objects: dict[str, Line] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self._call_ids: dict[str, str] = {}

    def lines(self, lines: Iterable[tuple[int, Line]]) -> Iterator[tuple[int, Line]]:
        """(line number, modern line); one old line may give several or none."""
        for number, line in lines:
            for modern in self._modern(line):
                yield number, modern

    def _modern(self, line: Line) -> Iterator[Line]:
        if self._version >= NEWEST_FORMAT:
            yield line
            return
        unwrapped = _unwrap(line) if self._version <= 3 else line
        if unwrapped is None:
            return
        for part in self._split(unwrapped):
            yield self._rename(part)

    def _split(self, line: Line) -> Iterator[Line]:
        """An `action` is a before and an after; logs inside `after` become lines."""
        kind = line.get("type")
        if kind == "object":
            self._objects[str(line.get("guid"))] = line
        elif kind == "event" and (created := _created(line)) is not None:
            self._objects[str(line["params"].get("guid"))] = created
        elif kind == "event" and line.get("method") == "console" and self._version <= 4:
            yield self._console(line)
        elif kind == "event" and line.get("method") == "dialog":
            yield self._dialog(line)
        elif kind == "action":
            self._remember(line)
            yield {**line, "type": "before"}
            yield from _logs(line)
            yield {**line, "type": "after"}
        elif kind == "after":
            self._remember(line)
            yield from _logs(line)
            yield line
        else:
            self._remember(line)
            yield line

    def _console(self, line: Line) -> Line:
        message = as_dict(as_dict(line.get("params")).get("message"))
        made = as_dict(self._objects.get(str(message.get("guid")), {}).get("initializer"))
        return {
            "type": "console",
            "time": line.get("time"),
            "pageId": line.get("pageId"),
            "messageType": made.get("type", "log"),
            "text": made.get("text", ""),
            "location": made.get("location") or {},
        }

    def _dialog(self, line: Line) -> Line:
        """Format 3 names the dialog by an object that an earlier event made."""
        named = as_dict(as_dict(line.get("params")).get("dialog")).get("guid")
        made = self._objects.get(str(named))
        return line if made is None else {**line, "params": as_dict(made.get("initializer"))}

    def _remember(self, line: Line) -> None:
        call_id = line.get("callId")
        if isinstance(call_id, str):
            step_id = line.get("stepId")
            if isinstance(step_id, str) and self._version < NEWEST_FORMAT:
                self._call_ids[call_id] = step_id
            for key, phase in _PHASES.items():
                name = line.get(key)
                if isinstance(name, str):
                    self._names[name] = (call_id, phase)

    def _rename(self, line: Line) -> Line:
        line = dict(line)
        if "title" not in line and isinstance(line.get("apiName"), str):
            line["title"] = line["apiName"]
        if line.get("type") == "frame-snapshot":
            line["snapshot"] = self._snapshot(dict(as_dict(line.get("snapshot"))))
        if line.get("type") == "screencast-frame" and "file" not in line:
            line["file"] = _file(line.get("sha1"))
        if line.get("type") == "resource-snapshot":
            line["snapshot"] = _entry(dict(as_dict(line.get("snapshot"))))
        if isinstance(line.get("attachments"), list):
            line["attachments"] = [_attachment(one) for one in line["attachments"]]
        for key in ("callId", "parentId"):
            call_id = line.get(key)
            if isinstance(call_id, str):
                line[key] = self._call_ids.get(call_id, call_id)
        return line

    def _snapshot(self, snapshot: Line) -> Line:
        name = str(snapshot.get("snapshotName") or "")
        if "phase" not in snapshot:
            prefix, _, call_id = name.partition("@")
            known = self._names.get(name, (call_id, prefix))
            phase = "action" if known[1] == "input" else known[1]
            snapshot["phase"] = phase
            snapshot.setdefault("callId", known[0])
        call_id = str(snapshot.get("callId"))
        snapshot["callId"] = self._call_ids.get(call_id, call_id)
        # What `__playwright_target__` names: in format 3 the snapshot, later the call.
        snapshot["originalCallId"] = f"action@{call_id}" if self._version <= 3 else call_id
        overrides = snapshot.get("resourceOverrides")
        snapshot["resourceOverrides"] = [
            {**one, "file": one.get("file") or _file(one.get("sha1"))}
            if isinstance(one, dict) and "sha1" in one
            else one
            for one in as_list(overrides)
        ]
        return snapshot


def _unwrap(line: Line) -> Line | None:
    """Format 3 kept actions and events inside `metadata`."""
    kind = line.get("type")
    metadata = line.get("metadata")
    if kind not in ("action", "event") or not isinstance(metadata, dict):
        return line
    method = str(metadata.get("method") or "")
    if metadata.get("internal") or method.startswith("tracing"):
        return None
    base = {
        "class": metadata.get("type"),
        "method": method,
        "params": metadata.get("params") or {},
        "pageId": metadata.get("pageId"),
    }
    if kind == "event":
        return {"type": "event", "time": metadata.get("startTime"), **base}
    error = as_dict(metadata.get("error"))
    names = {
        f"{one.get('title')}Snapshot": one.get("snapshotName")
        for one in as_list(metadata.get("snapshots"))
        if isinstance(one, dict)
    }
    return {
        "type": "action",
        "callId": metadata.get("id"),
        "startTime": metadata.get("startTime"),
        "endTime": metadata.get("endTime"),
        "wallTime": metadata.get("wallTime"),
        "apiName": metadata.get("apiName") or f"{metadata.get('type')}.{method}",
        "stack": metadata.get("stack") or [],
        "log": metadata.get("log") or [],
        "error": error.get("error") if "error" in error else error,
        "point": metadata.get("point"),
        **base,
        **names,
    }


def _created(line: Line) -> Line | None:
    """What a later event is about: a console message or a dialog."""
    params = as_dict(line.get("params"))
    if line.get("method") == "__create__" and params.get("type") in ("ConsoleMessage", "Dialog"):
        return {"initializer": params.get("initializer") or {}}
    return None


def _logs(line: Line) -> Iterator[Line]:
    log = line.pop("log", None)
    for message in as_list(log):
        yield {
            "type": "log",
            "callId": line.get("callId"),
            "time": line.get("endTime"),
            "message": str(message),
        }


def _file(sha1: object) -> str:
    return f"resources/{sha1}" if isinstance(sha1, str) and sha1 else ""


def _entry(snapshot: Line) -> Line:
    for side, key in (("response", "content"), ("request", "postData")):
        holder = snapshot.get(side)
        body = holder.get(key) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and isinstance(body, dict) and "_sha1" in body:
            renamed = {**body, "_file": body.get("_file") or _file(body["_sha1"])}
            snapshot[side] = {**holder, key: renamed}
    return snapshot


def _attachment(one: object) -> object:
    if isinstance(one, dict) and "file" not in one and "sha1" in one:
        return {**one, "file": _file(one["sha1"])}
    return one
