"""What is opened: a recorded zip, a very long one made of it, and streams of events.

The same bytes every time: no clock, no chance.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from scripts.loop_parts.machine import ROOT

SHORT_ZIP: Final = ROOT / "tests/fixtures/playwright/py-pass.trace.zip"
# Each repetition begins this much after the one before it; the recording itself takes 3.6 s.
_EVERY_MS: Final = 4_000
_MONOTONIC: Final = ("startTime", "endTime", "time", "timestamp", "_monotonicTime")
_WALL: Final = ("wallTime", "frameSwapWallTime")
_PICTURE: Final = re.compile(r"(screencast/.*-)(\d{13})\.jpeg")
_MADE: Final = (2026, 11, 22, 0, 0, 0)


def write_long_zip(path: Path, length: int) -> dict[str, int]:
    """Write the short recording again and again until it has this many calls.

    Times go on, call ids stay unique, every picture is a file of its own with its own bytes, as
    the screencast of a long run has them. Returns counts of calls, events and bytes.
    """
    with zipfile.ZipFile(SHORT_ZIP) as source, zipfile.ZipFile(path, "w") as made:
        lines = [json.loads(line) for line in source.read("trace.trace").splitlines()]
        calls = sum(line["type"] == "before" for line in lines)
        repeats = -(-length // calls)
        events = _events(lines, calls, length)
        network = [json.loads(line) for line in source.read("trace.network").splitlines()]
        requests = [_later(one, no) for no in range(repeats) for one in network]
        _put(made, "trace.trace", _ndjson([lines[0], *events]))
        _put(made, "trace.network", _ndjson(requests))
        stacks = json.loads(source.read("trace.stacks"))
        all_stacks = [_renamed(one, no) for no in range(repeats) for one in stacks["stacks"]]
        stacks["stacks"] = all_stacks
        _put(made, "trace.stacks", json.dumps(stacks))
        _copy_files(source, made, repeats)
    drawn = sum(one["type"] in _SHOWN for one in events) + len(requests)
    return {"calls": length, "events": drawn, "bytes": path.stat().st_size}


_SHOWN: Final = ("before", "frame-snapshot", "screencast-frame", "console", "event")


def _events(lines: list[dict[str, Any]], calls: int, length: int) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for no in range(-(-length // calls)):
        left = length - no * calls
        kept = _first_calls(lines[1:], left) if left < calls else lines[1:]
        events.extend(_later(line, no) for line in kept)
    return events


def _first_calls(lines: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The lines of the first calls: the last repetition stops in the middle of the recording."""
    seen: list[str] = []
    for line in lines:
        if line["type"] == "before" and line["callId"] not in seen:
            seen.append(line["callId"])
    kept = set(seen[:count])
    last = max(line.get("endTime", 0) for line in lines if line.get("callId") in kept)
    return [line for line in lines if _call(line) in kept or (not _call(line) and _at(line) < last)]


def _call(line: dict[str, Any]) -> str:
    return str(line.get("callId") or line.get("snapshot", {}).get("callId") or "")


def _at(line: dict[str, Any]) -> float:
    return float(line.get("timestamp") or line.get("time") or 0)


def _later(line: dict[str, Any], no: int) -> dict[str, Any]:
    """The line as its repetition number `no` would have written it."""
    moved: dict[str, Any] = _renamed(line, no)
    for held in (moved, moved.get("snapshot") or {}):
        for name in (*_MONOTONIC, *_WALL):
            # A HAR entry's `time` is how long it took.
            if isinstance(held.get(name), int | float) and not (
                name == "time" and "request" in held
            ):
                held[name] += no * _EVERY_MS
        if isinstance(held.get("startedDateTime"), str):
            began = datetime.fromisoformat(held["startedDateTime"])
            held["startedDateTime"] = (began + timedelta(milliseconds=no * _EVERY_MS)).isoformat()
    return moved


def _renamed(value: Any, no: int) -> Any:
    """Ids of calls and names of pictures, anywhere in the value."""
    text = json.dumps(value)
    text = re.sub(r"kaxd@(\d+)", lambda found: f"kaxd@{int(found[1]) + 1_000 * no}", text)
    return json.loads(_PICTURE.sub(lambda found: _picture_name(found, no), text))


def _picture_name(found: re.Match[str], no: int) -> str:
    return f"{found[1]}{int(found[2]) + no * _EVERY_MS}.jpeg"


def _copy_files(source: zipfile.ZipFile, made: zipfile.ZipFile, repeats: int) -> None:
    for name in source.namelist():
        if name in ("trace.trace", "trace.network", "trace.stacks"):
            continue
        content = source.read(name)
        if not (found := _PICTURE.fullmatch(name)):
            _put(made, name, content)
            continue
        for no in range(repeats):
            # What follows the end of a JPEG is not shown.
            _put(made, _picture_name(found, no), content + no.to_bytes(4, "big"))


def _put(made: zipfile.ZipFile, name: str, content: str | bytes) -> None:
    text = name.endswith((".trace", ".network", ".stacks"))
    kind = zipfile.ZIP_DEFLATED if text else zipfile.ZIP_STORED
    made.writestr(zipfile.ZipInfo(name, _MADE), content, compress_type=kind)


def _ndjson(lines: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def event_batches(count: int, batch: int = 50_000) -> Iterator[bytes]:
    """A run of `count` events on all five ribbons but video, 2 ms apart, in NDJSON batches.

    100 steps whatever the length; one event in 2,000 is an error.
    """
    for first in range(1, count + 1, batch):
        last = min(first + batch - 1, count)
        lines = (json.dumps(_event(seq, count)) for seq in range(first, last + 1))
        yield ("\n".join(lines) + "\n").encode()


def _event(seq: int, count: int) -> dict[str, Any]:
    per_step = max(count // 100, 10)
    step, within = 1 + (seq - 1) // per_step, (seq - 1) % per_step
    event: dict[str, Any] = {"seq": seq, "ts": 2.0 * seq, "step": step}
    if seq == 1:
        begin = {"started_at": "2026-01-01T00:00:00Z"}
        return {"seq": 1, "ts": 0, "kind": "run.start", "data": begin}
    if within == 0:
        return {**event, "kind": "step.start", "data": {"title": f"Step {step}", "text": "wait"}}
    if within == per_step - 1:
        return {**event, "kind": "step.end", "data": {"status": "passed"}}
    if seq % 2_000 == 0:
        return {**event, "kind": "console.message", "level": "error", "data": {"text": "refused"}}
    ended = {"ref": seq - 1, "dur": 2.0} if seq % 5 == 1 and within > 1 else {}
    return {**event, **ended, **_KINDS[seq % 5]}


_KINDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "kind": "network.request",
        "data": {"method": "GET", "url": "http://app/api/items/7?page=2", "source": "browser"},
    },
    {"kind": "network.response", "data": {"status": 200}},
    {"kind": "console.message", "data": {"text": "the next row was drawn"}},
    {"kind": "dom.navigation", "data": {"url": "http://app/items/7"}},
    {"kind": "agent.action", "data": {"text": "look at the next item"}},
)
